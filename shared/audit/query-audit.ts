import type { Principal } from '#shared/access/principal.ts'
import { type Clock, DAY_MS } from '#shared/platform/clock.ts'
import { decodeCursor, encodeCursor } from '#shared/platform/cursor.ts'
import { ValidationError } from '#shared/platform/errors.ts'
import { type AuditRecord, MAX_AUDIT_DAYS } from '#shared/protocol/audit.ts'
import { dayOf, placeOf } from './audit-keys.ts'
import type { AuditReader } from './audit-reader.ts'

/** Records that one call looks at, however few of them are asked for. */
const MAX_LOOKED_AT = 2_000
/** Records that one read takes. */
const PAGE = 500

export type AuditFilter = {
  subject?: string | undefined
  action?: string | undefined
  outcome?: AuditRecord['outcome'] | undefined
  /** How the resource begins. */
  resource?: string | undefined
}

export type AuditQuery = AuditFilter & {
  /** RFC 3339; a day before `to` when absent. */
  from?: string | undefined
  /** RFC 3339; now when absent. */
  to?: string | undefined
  limit: number
  /** Cursor of the page before. */
  after?: string | undefined
}

/**
 * Records of a span of time, newest first, day by day. It stops after {@link MAX_LOOKED_AT} of them: a page may have few or none, and a next one.
 *
 * @throws ValidationError for a span that is none or too long, or a cursor that is none
 */
export async function queryAudit(
  { auditReader, clock }: { auditReader: AuditReader; clock: Clock },
  { tenant }: Pick<Principal, 'tenant'>,
  { limit, after, ...query }: AuditQuery,
): Promise<{ records: AuditRecord[]; next?: string }> {
  const { from, to } = spanOf(query, clock)
  let before = after === undefined ? undefined : decodePlace(after, { from, to })
  const found: AuditRecord[] = []
  let lookedAt = 0
  let day = dayOf(before?.split('#')[0] ?? to)
  while (day >= dayOf(from)) {
    const { records, more } = await auditReader.page(tenant, day, { from, to, limit: PAGE, before })
    for (const record of records) {
      lookedAt += 1
      before = placeOf(record)
      if (matches(record, query)) found.push(record)
      if (found.length === limit || lookedAt === MAX_LOOKED_AT) return { records: found, next: encodeCursor(before) }
    }
    if (more) continue
    before = undefined
    day = dayOf(Date.parse(day) - DAY_MS)
  }
  return { records: found }
}

/** Nothing was recorded before, and dates stay such as sort by their text. */
const EARLIEST = Date.parse('2020-01-01')

function spanOf(asked: Pick<AuditQuery, 'from' | 'to'>, clock: Clock): { from: string; to: string } {
  const now = clock.now()
  const to = asked.to === undefined ? now : Math.min(Date.parse(asked.to), now)
  const from = asked.from === undefined ? to - DAY_MS : Date.parse(asked.from)
  if (from >= EARLIEST && from <= to && to - from <= MAX_AUDIT_DAYS * DAY_MS)
    return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  throw new ValidationError(`"from" is before "to" and before now, and ${MAX_AUDIT_DAYS} days before "to" at the most`, [
    { path: 'from', message: from > to ? 'is after "to", or after now' : `is more than ${MAX_AUDIT_DAYS} days before "to"` },
  ])
}

const matches = (record: AuditRecord, { subject, action, outcome, resource }: AuditFilter): boolean =>
  (subject === undefined || record.subject === subject) &&
  (action === undefined || record.action === action) &&
  (outcome === undefined || record.outcome === outcome) &&
  (resource === undefined || record.resource.startsWith(resource))

const PLACE = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)#[0-9a-f-]{36}$/

/** The place of the last record that was looked at, which is one of the same span. */
const decodePlace = (cursor: string, { from, to }: { from: string; to: string }): string =>
  decodeCursor(cursor, (text) => {
    const [, time = ''] = PLACE.exec(text) ?? []
    return time >= from && time <= to && !Number.isNaN(Date.parse(time))
  })
