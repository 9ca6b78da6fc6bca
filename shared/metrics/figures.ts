import type { ExecutionFigures, Times } from '#shared/protocol/metrics.ts'
import { errorCodeSchema } from '#shared/protocol/problem.ts'
import { type Counters, countOf, countsBy, successRate } from './counters.ts'
import { type HistogramName, histogramOf, quantile } from './histogram.ts'

/** Counters as clients read them. */
export function figuresOf(counters: Counters): ExecutionFigures & { durationSeconds: Times; waitSeconds: Times } {
  const of = (name: Parameters<typeof countOf>[1]) => countOf(counters, name)
  return {
    executions: {
      queued: of('queued'),
      started: of('started'),
      completed: of('completed'),
      failed: of('failed'),
      timedOut: of('timed_out'),
      cancelled: of('cancelled'),
      expired: of('expired'),
      retries: of('retries'),
    },
    tokens: { input: of('inputTokens'), output: of('outputTokens') },
    errors: errorsOf(counters),
    successRate: successRate(counters),
    durationSeconds: timesOf('duration', counters),
    waitSeconds: timesOf('wait', counters),
  }
}

/** Codes of a later version are left out. */
function errorsOf(counters: Counters): ExecutionFigures['errors'] {
  const counts = Object.entries(countsBy(counters, 'error:')).flatMap(([code, count]) => {
    const known = errorCodeSchema.safeParse(code)
    return known.success ? [[known.data, count] as const] : []
  })
  return Object.fromEntries(counts)
}

function timesOf(name: HistogramName, counters: Counters): Times {
  const histogram = histogramOf(name, counters)
  const estimate = (share: number): number | null => quantile(histogram, share)
  return {
    count: histogram.count,
    mean: histogram.count === 0 ? null : histogram.sum / histogram.count,
    p50: estimate(0.5),
    p95: estimate(0.95),
    p99: estimate(0.99),
  }
}
