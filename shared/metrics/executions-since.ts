import type { CounterStore } from './counter-store.ts'

/** Executions that a tenant's agents were given since the beginning of an hour, queues included. Milliseconds since the epoch. */
export async function executionsSince(
  counters: Pick<CounterStore, 'hours'>,
  tenant: string,
  { since, now }: { since: number; now: number },
): Promise<number> {
  const hours = await counters.hours(tenant, { from: since, to: now + 1 })
  return hours.reduce((sum, point) => sum + (point.counters.queued ?? 0), 0)
}
