import { tenantBucketKey } from '#shared/limits/rate-keys.ts'

/** What of an item says whose it is. */
export type OwnedItem = { pk: string; sk: string; tenant?: unknown; principal?: { tenant?: unknown } | undefined }

/** Begins the keys of erasures, which stay. */
export const ERASURES_PREFIX = 'ERASURES#'

/**
 * Whether an item of any table belongs to a tenant: by its partition key, or, where keys name something else (connections, tickets, API keys
 * by hash, days of the audit log), by its sort key or by what stands in it. Names are compared as wholes: `a` has nothing of `a-b`.
 *
 * The mark that says that the tenant is closed, and what tells of its erasures, are nobody's.
 */
export function isOfTenant(tenant: string, item: OwnedItem): boolean {
  const { pk, sk } = item
  const mark = tenantBucketKey(tenant)
  if (pk === mark.pk && sk === mark.sk) return false
  if (pk.startsWith(ERASURES_PREFIX)) return false
  if (pk.startsWith('T#')) return names(tenant, pk, 'T#')
  return item.tenant === tenant || item.principal?.tenant === tenant || names(tenant, sk, 'T#') || names(tenant, sk, 'EXPORTED#')
}

const names = (tenant: string, key: string, prefix: string): boolean =>
  key === prefix + tenant || key.startsWith(`${prefix}${tenant}#`)
