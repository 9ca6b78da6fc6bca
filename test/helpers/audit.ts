import { placeOf } from '#shared/audit/audit-keys.ts'
import type { StoredRecord } from '#shared/audit/seal.ts'
import { newId } from '#shared/platform/ids.ts'
import type { AuditRecord } from '#shared/protocol/audit.ts'

export const DAY = '2026-11-21'
export const NOON = Date.parse(`${DAY}T12:00:00Z`)

/** A record of noon; `second` seconds later where one is given. */
export const aRecord = (overrides: Partial<AuditRecord> = {}, second = 0): AuditRecord => ({
  auditId: newId(),
  time: new Date(NOON + second * 1_000).toISOString(),
  subject: 'ada',
  door: 'http',
  action: 'pauseAgent',
  resource: '/v1/agents/support',
  outcome: 'accepted',
  status: 200,
  durationMs: 12,
  ...overrides,
})

export const stored = (record: AuditRecord): StoredRecord => ({ place: placeOf(record), content: record })
