import type { Clock } from '#shared/platform/clock.ts'
import type { Health } from '#shared/protocol/health.ts'
import type { ActivityStore } from '#shared/streams/activity-store.ts'
import type { PresenceStore } from '#shared/streams/presence-store.ts'
import { remembered } from './remembered.ts'

/** Totals of all tenants, which say nothing about one of them. */
export type VitalCounts = Pick<Health, 'connections' | 'message_count' | 'error_count'>

/** How long an answer is given again, in milliseconds: anybody may ask. */
const MAX_AGE = 5_000

const UNKNOWN: VitalCounts = { connections: null, message_count: null, error_count: null }

/** Counts that go with `GET /health`; it answers without them when the table does not. */
export function vitalCountsOf(
  presence: Pick<PresenceStore, 'total'>,
  activity: Pick<ActivityStore, 'total'>,
  clock: Clock,
): () => Promise<VitalCounts> {
  async function count(): Promise<VitalCounts> {
    const [connections, { messages, errors }] = await Promise.all([presence.total(), activity.total()])
    return { connections, message_count: messages, error_count: errors }
  }
  return remembered(() => count().catch(() => UNKNOWN), clock, MAX_AGE)
}
