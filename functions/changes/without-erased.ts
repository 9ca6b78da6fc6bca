import type { DynamoDBRecord } from 'aws-lambda'
import type { TenantGate } from '#shared/limits/tenant-gate.ts'
import type { Clock } from '#shared/platform/clock.ts'

/** Changes come within a second or so, and an erasure waits for twice this before it looks again, in milliseconds. */
const LATE_MS = 10_000

const TENANT = /^T#([^#]+)/

/**
 * Leaves out what comes so late that its tenant may have been erased since: what follows from it would be written behind the proof. Only then is
 * the tenant looked at.
 */
export async function withoutErased(
  { tenants, clock }: { tenants: Pick<TenantGate, 'isClosed'>; clock: Clock },
  records: DynamoDBRecord[],
): Promise<DynamoDBRecord[]> {
  const late = clock.now() - LATE_MS
  const isLate = ({ dynamodb }: DynamoDBRecord): boolean => (dynamodb?.ApproximateCreationDateTime ?? 0) * 1_000 < late
  const tenantOf = ({ dynamodb }: DynamoDBRecord): string | undefined => TENANT.exec(dynamodb?.Keys?.pk?.S ?? '')?.[1]
  const named = new Set(records.filter(isLate).flatMap((record) => tenantOf(record) ?? []))
  const looked = await Promise.all([...named].map(async (tenant) => ((await tenants.isClosed(tenant)) ? [tenant] : [])))
  const closed = new Set(looked.flat())
  return records.filter((record) => !isLate(record) || !closed.has(tenantOf(record) ?? ''))
}
