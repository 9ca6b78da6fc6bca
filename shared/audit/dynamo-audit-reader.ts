import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Clock } from '#shared/platform/clock.ts'
import { AUDIT_RECORD_PREFIX } from '#shared/platform/names.ts'
import { auditRecordSchema } from '#shared/protocol/audit.ts'
import { dayPartition, SEALS } from './audit-keys.ts'
import type { AuditReader } from './audit-reader.ts'
import { auditTable, contentOf } from './dynamo-audit-table.ts'

/** Behind every record of a day, before its seals. */
const RECORDS_END = '3'
/** Behind every place of a time. */
const TIME_END = '$'

/** Records and seals of the audit table, day by day; what has expired is left out. */
export function dynamoAuditReader(client: DynamoDBDocumentClient, table: string, clock: Clock): AuditReader {
  const { page, all } = auditTable(client, table, clock)
  return {
    async page(tenant, day, { from, to, limit, before }) {
      // Sort keys have no key right before another one: the page begins with the last one of the page before, which is left out.
      const range = { pk: dayPartition(tenant, day), from, to: before ?? `${to}${TIME_END}` }
      const { items, more } = await page(range, { newestFirst: true, limit: limit + (before === undefined ? 0 : 1) })
      const older = items.filter(({ sk }) => sk !== before)
      return { records: older.map((item) => auditRecordSchema.parse(contentOf(item))), more }
    },

    async *records(tenant, day) {
      for await (const item of all({ pk: dayPartition(tenant, day), from: AUDIT_RECORD_PREFIX, to: RECORDS_END }))
        yield { place: String(item.sk), content: contentOf(item) }
    },

    async *seals(tenant, day) {
      for await (const item of all({ pk: dayPartition(tenant, day), from: SEALS.first, to: SEALS.end })) yield contentOf(item)
    },
  }
}
