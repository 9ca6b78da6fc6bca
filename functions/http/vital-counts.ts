import type { CounterStore } from '#shared/metrics/counter-store.ts'
import { type Counters, countOf } from '#shared/metrics/counters.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { Health } from '#shared/protocol/health.ts'
import type { PresenceStore } from '#shared/streams/presence-store.ts'
import { remembered } from './remembered.ts'

/** Totals of all tenants, which say nothing about one of them. */
export type VitalCounts = Pick<Health, 'status' | 'connections' | 'message_count' | 'error_count'>

/** How long an answer is given again, in milliseconds: anybody may ask. */
const MAX_AGE = 5_000
/** How long the tables may take, in milliseconds: whoever asks for health does not wait for the sick. */
const DEADLINE = 2_000

const UNKNOWN: VitalCounts = { status: 'degraded', connections: null, message_count: null, error_count: null }

/** Counts that go with `GET /health`. When a table that holds them does not answer in time, the stage is degraded, and they are unknown. */
export function vitalCountsOf(
  presence: Pick<PresenceStore, 'total'>,
  counters: Pick<CounterStore, 'stageTotals'>,
  clock: Clock,
  deadline = DEADLINE,
): () => Promise<VitalCounts> {
  async function count(): Promise<VitalCounts> {
    const [connections, totals] = await Promise.all([presence.total(), counters.stageTotals()])
    return { status: 'healthy', connections, ...activityOf(totals) }
  }
  return remembered(() => Promise.race([count(), after(deadline)]).catch(() => UNKNOWN), clock, MAX_AGE)
}

/** What was taken on, and what went wrong: the fields of the realtime documents. */
export const activityOf = (totals: Counters): { message_count: number; error_count: number } => ({
  message_count: countOf(totals, 'queued'),
  error_count: countOf(totals, 'failed') + countOf(totals, 'timed_out'),
})

const after = (milliseconds: number): Promise<never> =>
  new Promise((_resolve, reject) => {
    const signal = AbortSignal.timeout(milliseconds)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
