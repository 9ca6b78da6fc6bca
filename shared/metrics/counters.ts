/**
 * Numbers that only grow, by name. Names come from code, never from a caller: {@link COUNTERS}, `error:<code>`, the buckets of
 * {@link HISTOGRAMS}, and in the totals of requests `request:<method> <path>`.
 */
export type Counters = Readonly<Record<string, number>>

/** What is counted of executions. */
export const COUNTERS = [
  'queued',
  'started',
  'completed',
  'failed',
  'timed_out',
  'cancelled',
  'expired',
  'retries',
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'reasoningTokens',
  /** Millionths of a dollar, where prices are known. */
  'costMicroUsd',
  /** Executions that asked a model, and their calls of it; only in the rows of models. */
  'executions',
  'calls',
] as const

export type Counter = (typeof COUNTERS)[number]

/** What is told of executions that have ended, each way. */
export const ENDINGS = ['completed', 'failed', 'timed_out', 'cancelled', 'expired'] as const satisfies readonly Counter[]

/** Sums of counters, name by name. */
export function addCounters(...all: readonly Counters[]): Counters {
  const sum: Record<string, number> = {}
  for (const counters of all) {
    for (const [name, count] of Object.entries(counters)) sum[name] = (sum[name] ?? 0) + count
  }
  return sum
}

/** One counter; 0 when it was never counted. */
export const countOf = (counters: Counters, name: Counter): number => counters[name] ?? 0

/** Counters whose names begin alike, by the rest of their names: `error:` gives the counts by code. */
export function countsBy(counters: Counters, prefix: string): Record<string, number> {
  const named = Object.entries(counters).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(named.map(([name, count]) => [name.slice(prefix.length), count]))
}

/** Executions that were done, as a share of those that were done or went wrong; null when there are none. Who cancels is no failure. */
export function successRate(counters: Counters): number | null {
  const done = countOf(counters, 'completed')
  const wrong = countOf(counters, 'failed') + countOf(counters, 'timed_out')
  return done + wrong === 0 ? null : done / (done + wrong)
}
