import type { Change, ExecutionChange } from '#shared/events/change.ts'
import type { CounterStore } from '#shared/metrics/counter-store.ts'
import { addCounters, type Counters, countOf, successRate } from '#shared/metrics/counters.ts'
import { countersOf, modelCountsOf, sourceCountOf } from '#shared/metrics/counters-of.ts'
import type { MetricSink } from '#shared/metrics/embedded-metrics.ts'
import { METRIC } from '#shared/metrics/metric-names.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'

export type CountDependencies = { counters: CounterStore; metrics: MetricSink; logger: Log }

/**
 * Counts what changes say of executions, with one write for each hour, day and total. They are those that will not come again, so nothing counts
 * twice unless the function dies right behind this; and what cannot be counted now is lost: nobody's work waits for a figure.
 */
export async function countChanges(
  { counters, metrics, logger }: CountDependencies,
  changes: readonly (Change | undefined)[],
): Promise<void> {
  const counted = changes
    .filter((change) => change?.kind === 'execution')
    .map((change) => ({ change, counters: countersOf(change) }))
    .filter(({ counters: each }) => Object.keys(each).length > 0)
  if (counted.length === 0) return
  tell(metrics, counted)
  const counts = counted.map(({ change, counters: each }) => ({
    tenant: change.after.tenant,
    agentId: change.after.agentId,
    at: Date.parse(change.at),
    counters: each,
    models: modelCountsOf(change),
    source: sourceCountOf(change),
  }))
  await counters
    .add(counts)
    .catch((error: unknown) => logger.warn('counts_lost', { changes: counts.length, code: toSluiceError(error).code, error }))
}

/** The same figures for CloudWatch, of all tenants and agents together. */
function tell(metrics: MetricSink, counted: readonly { change: ExecutionChange; counters: Counters }[]): void {
  const sum = addCounters(...counted.map(({ counters }) => counters))
  const some = (count: number): number[] => (count > 0 ? [count] : [])
  const seconds = (counter: string): number[] =>
    counted.flatMap(({ counters }) => (counters[counter] === undefined ? [] : [counters[counter] / 1_000]))
  const errors = countOf(sum, 'failed') + countOf(sum, 'timed_out')
  metrics.put([
    { name: METRIC.accepted, unit: 'Count', values: some(countOf(sum, 'queued')) },
    { name: METRIC.sessions, unit: 'Count', values: some(countOf(sum, 'started')) },
    { name: METRIC.retries, unit: 'Count', values: some(countOf(sum, 'retries')) },
    { name: METRIC.queueWait, unit: 'Seconds', values: seconds('waitMs') },
    { name: METRIC.sessionDuration, unit: 'Seconds', values: seconds('durationMs') },
    { name: METRIC.successRate, unit: 'None', values: counted.flatMap(({ counters }) => successRate(counters) ?? []) },
    { name: METRIC.errors, unit: 'Count', values: some(errors) },
    { name: METRIC.inputTokens, unit: 'Count', values: some(countOf(sum, 'inputTokens')) },
    { name: METRIC.outputTokens, unit: 'Count', values: some(countOf(sum, 'outputTokens')) },
    { name: METRIC.modelCost, unit: 'None', values: some(countOf(sum, 'costMicroUsd') / 1_000_000) },
  ])
}
