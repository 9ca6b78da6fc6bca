import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Clock } from '#shared/platform/clock.ts'
import { type AuditSeal, auditSealSchema } from '#shared/protocol/audit.ts'
import { calendarPartition, dayKey, dayPartition, SEALS, sealKey, TENANT_PREFIX, tenantPartition } from './audit-keys.ts'
import { auditTable, contentOf, expiryOf } from './dynamo-audit-table.ts'
import type { SealStore } from './seal-store.ts'

/**
 * Seals beside the records that they seal, `T#<tenant>#<day>` / `SEAL#<n>`. Which days have seals stands with the tenant, for the chain
 * (`T#<tenant>` / `DAY#<day>`), and which tenants with the day, for exports (`DAY#<day>` / `T#<tenant>`).
 */
export function dynamoSealStore(client: DynamoDBDocumentClient, table: string, clock: Clock, retentionDays: number): SealStore {
  const { all, putOnce } = auditTable(client, table, clock)
  const newestSeals = (tenant: string, day: string) =>
    all({ pk: dayPartition(tenant, day), from: SEALS.first, to: SEALS.end }, { newestFirst: true, consistent: true, limit: 20 })

  return {
    async recent(tenant, day, since) {
      const found: AuditSeal[] = []
      for await (const item of newestSeals(tenant, day)) {
        const seal = auditSealSchema.parse(contentOf(item))
        if (found.length > 0 && seal.sealedAt < since) break
        found.push(seal)
      }
      return found
    },

    async lastBefore(tenant, day) {
      const range = { pk: tenantPartition(tenant), from: dayKey(''), to: dayKey(day) }
      for await (const { sk } of all(range, { newestFirst: true, consistent: true, limit: 3 })) {
        if (sk === dayKey(day)) continue
        for await (const item of newestSeals(tenant, String(sk).slice(dayKey('').length)))
          return auditSealSchema.parse(contentOf(item))
      }
      return undefined
    },

    async openDay(tenant, day) {
      const expiresAt = expiryOf(day, retentionDays)
      await putOnce({ pk: calendarPartition(day), sk: `${TENANT_PREFIX}${tenant}`, expiresAt })
      await putOnce({ pk: tenantPartition(tenant), sk: dayKey(day), expiresAt })
    },

    async put(seal) {
      const key = { pk: dayPartition(seal.tenant, seal.day), sk: sealKey(seal.n) }
      return putOnce({ ...seal, ...key, expiresAt: expiryOf(seal.day, retentionDays) })
    },
  }
}
