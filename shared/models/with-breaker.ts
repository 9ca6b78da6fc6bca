import type { LlmProvider } from '#shared/llm/llm-provider.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { type Clock, sleep, timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { BreakerKey } from './breaker-store.ts'
import type { Breakers, CallEnd, Pass } from './breakers.ts'

/** Failures of the provider rather than of the request. `authentication_error` gets here only when the provider refused all keys. */
const FAULTS: ReadonlySet<ErrorCode> = new Set(['provider_error', 'timeout', 'network_error', 'authentication_error'])

const isFault = (error: unknown): boolean => error instanceof SluiceError && FAULTS.has(error.code)

export type BreakerOptions = {
  key: BreakerKey
  breakers: Breakers
  clock: Clock
  /** Whether a call waits for a breaker that lets calls through again soon. False lets it fail, so that a fallback takes over. @default true */
  waits?: boolean | undefined
  /** Waits, unless the signal aborts. @default sleep */
  wait?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined
  /** @default Math.random */
  random?: (() => number) | undefined
}

/** Longest time that a call waits, in milliseconds, all rounds together: about as long as another attempt would take. */
const LONGEST_WAIT_MS = 15_000
const SHORTEST_WAIT_MS = 1_000

/**
 * Refuses calls of a failing model, with the code `provider_error` and the time of the next try. If that is soon, as while a probe is running, the call
 * waits instead, for that long and up to as long again at random, so that waiting calls do not all return together.
 */
export function withBreaker(provider: LlmProvider, options: BreakerOptions): LlmProvider {
  return {
    async *stream(request, signal) {
      const entry = await enter(options, signal)
      let end: CallEnd = 'nothing'
      try {
        for await (const event of provider.stream(request, signal)) {
          if (event.type === 'stop') end = 'success'
          yield event
        }
      } catch (error) {
        if (!signal.aborted && isFault(error)) end = 'failure'
        throw error
      } finally {
        await entry.end(end)
      }
    },
  }
}

async function enter(options: BreakerOptions, signal: AbortSignal): Promise<Pass> {
  const { key, breakers, clock, waits = true, wait = sleep, random = Math.random } = options
  for (let patienceMs = waits ? LONGEST_WAIT_MS : 0; ; ) {
    const entry = await breakers.enter(key)
    if (entry.result === 'passed') return entry
    const pauseMs = Math.max(SHORTEST_WAIT_MS, entry.until - clock.now())
    if (pauseMs > patienceMs) throw leftAlone(key, entry.until, clock)
    const waitMs = pauseMs * (1 + random())
    patienceMs -= waitMs
    await wait(waitMs, signal)
  }
}

const leftAlone = ({ provider, service, model }: BreakerKey, until: number, clock: Clock): ProviderError =>
  new ProviderError(
    'provider_error',
    `"${model}" of "${service}" failed too often and is left alone until ${timestamp({ now: () => until })}`,
    {
      provider,
      retryAfterSeconds: Math.max(1, Math.ceil((until - clock.now()) / 1_000)),
    },
  )
