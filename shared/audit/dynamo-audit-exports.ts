import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Clock } from '#shared/platform/clock.ts'
import { type AuditExport, auditExportSchema } from '#shared/protocol/audit.ts'
import type { AuditExports } from './audit-exports.ts'
import { calendarPartition, dayOf, EXPORTED_PREFIX, TENANT_PREFIX, tenantPartition } from './audit-keys.ts'
import { auditTable, contentOf, expiryOf } from './dynamo-audit-table.ts'

/** Behind every key that begins like this. */
const END = '\u{10ffff}'

/** `T#<tenant>` / `EXPORT#<id>`, and `EXPORT#<id>#DONE` once it is; `DAY#<day>` / `EXPORTED#<tenant>`. */
export function dynamoAuditExports(
  client: DynamoDBDocumentClient,
  table: string,
  clock: Clock,
  retentionDays: number,
): AuditExports {
  const { all, putOnce } = auditTable(client, table, clock)
  const put = (tenant: string, sk: string, content: AuditExport) =>
    putOnce({ ...content, pk: tenantPartition(tenant), sk, expiresAt: expiryOf(dayOf(clock.now()), retentionDays) })
  const keyOf = (exportId: string): string => `EXPORT#${exportId}`

  return {
    async request(tenant, asked) {
      await put(tenant, keyOf(asked.exportId), asked)
    },
    async complete(tenant, done) {
      await put(tenant, `${keyOf(done.exportId)}#DONE`, done)
    },

    async get(tenant, exportId) {
      const from = keyOf(exportId)
      let found: AuditExport | undefined
      // The one that is done comes last.
      for await (const item of all({ pk: tenantPartition(tenant), from, to: `${from}#DONE` }))
        found = auditExportSchema.parse(contentOf(item))
      return found
    },

    async due(day) {
      const pk = calendarPartition(day)
      const exported = new Set<string>()
      const tenants: string[] = []
      for await (const { sk } of all({ pk, from: EXPORTED_PREFIX, to: `${EXPORTED_PREFIX}${END}` }))
        exported.add(String(sk).slice(EXPORTED_PREFIX.length))
      for await (const { sk } of all({ pk, from: TENANT_PREFIX, to: `${TENANT_PREFIX}${END}` }))
        tenants.push(String(sk).slice(TENANT_PREFIX.length))
      return tenants.filter((tenant) => !exported.has(tenant))
    },

    async markExported(tenant, day) {
      await putOnce({ pk: calendarPartition(day), sk: `${EXPORTED_PREFIX}${tenant}`, expiresAt: expiryOf(day, retentionDays) })
    },
  }
}
