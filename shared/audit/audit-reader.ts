import type { AuditRecord } from '#shared/protocol/audit.ts'
import type { Stored, StoredRecord } from './seal.ts'

/** What stands in the log, as long as it is kept. Nothing reads beyond a tenant's day. */
export type AuditReader = {
  /**
   * Records of a day, newest first.
   *
   * @param range - `from` and `to`: the first and the last millisecond, RFC 3339. `before`: place that the page is older than
   * @returns at most `limit` records; `more` when others may be behind them
   */
  page(
    tenant: string,
    day: string,
    range: { from: string; to: string; limit: number; before?: string | undefined },
  ): Promise<{ records: AuditRecord[]; more: boolean }>
  /** All records of a day as they are stored, oldest first. */
  records(tenant: string, day: string): AsyncIterable<StoredRecord>
  /** All seals of a day as they are stored, by number. */
  seals(tenant: string, day: string): AsyncIterable<Stored>
}
