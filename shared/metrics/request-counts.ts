import type { TenantGate } from '#shared/limits/tenant-gate.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { CounterStore } from './counter-store.ts'
import { addCounters, type Counters } from './counters.ts'
import type { MetricSink } from './embedded-metrics.ts'
import { METRIC } from './metric-names.ts'

/** A request that was answered. Paths are those of routes, with their `{parameters}`: a caller cannot make up new ones. */
export type AnsweredRequest = { tenant: string; method: string; path: string; operation: string; code?: ErrorCode | undefined }

/** Counts the requests of one container, and writes the counts down now and then. */
export type RequestCounts = {
  count(request: AnsweredRequest): void
  /** Writes down what was counted if it is time: never rejects, what cannot be written is tried again with the next. */
  settle(): Promise<void>
  /** Writes down what was counted. */
  flush(): Promise<void>
}

/** How long counts wait in memory at most while requests come, in milliseconds, and how many of them. */
const MAX_AGE_MS = 10_000
const MAX_REQUESTS = 100

/**
 * A container that dies takes with it what it has not written down: fewer than 100 requests. The last ones of a container that nobody calls any
 * more are among them.
 */
export function requestCounts(
  store: Pick<CounterStore, 'addRequests'>,
  { tenants, clock, metrics }: { tenants: Pick<TenantGate, 'isClosed'>; clock: Clock; metrics: MetricSink },
): RequestCounts {
  let waiting = new Map<string, Counters>()
  let operations = new Map<string, { requests: number; errors: number }>()
  let count = 0
  let since: number | undefined

  async function flush(): Promise<void> {
    const taken = waiting
    tell(operations)
    waiting = new Map()
    operations = new Map()
    count = 0
    since = undefined
    const results = await Promise.allSettled([...taken].map(([tenant, counters]) => add(tenant, counters)))
    const failed = [...taken].filter((_entry, index) => results[index]?.status === 'rejected')
    for (const [tenant, counters] of failed) keep(tenant, counters)
  }

  /** A container that stood still for hours may count what a tenant did that has been erased since. */
  async function add(tenant: string, counters: Counters): Promise<void> {
    if (!(await tenants.isClosed(tenant))) await store.addRequests(tenant, counters)
  }

  function tell(answered: typeof operations): void {
    for (const [operation, { requests, errors }] of answered) {
      const told = [
        { name: METRIC.requests, unit: 'Count', values: [requests] },
        { name: METRIC.errors, unit: 'Count', values: errors > 0 ? [errors] : [] },
      ] as const
      metrics.put(told, { operation })
    }
  }

  function keep(tenant: string, counters: Counters): void {
    waiting.set(tenant, addCounters(waiting.get(tenant) ?? {}, counters))
    since ??= clock.now()
  }

  return {
    count({ tenant, method, path, operation, code }) {
      keep(tenant, { [`request:${method} ${path}`]: 1, ...(code && { [`error:${code}`]: 1 }) })
      count++
      const { requests, errors } = operations.get(operation) ?? { requests: 0, errors: 0 }
      operations.set(operation, { requests: requests + 1, errors: errors + (code ? 1 : 0) })
    },
    async settle() {
      if (since === undefined || (count < MAX_REQUESTS && clock.now() - since < MAX_AGE_MS)) return
      await flush()
    },
    flush,
  }
}
