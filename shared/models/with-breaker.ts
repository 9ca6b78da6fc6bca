import type { LlmProvider } from '#shared/llm/llm-provider.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { BreakerKey } from './breaker-store.ts'
import type { Breakers, CallEnd } from './breakers.ts'

/** Failures of the provider, rather than of what it was asked; `authentication_error` comes here only when it took none of the keys. */
const FAULTS: ReadonlySet<ErrorCode> = new Set(['provider_error', 'timeout', 'network_error', 'authentication_error'])

const isFault = (error: unknown): boolean => error instanceof SluiceError && FAULTS.has(error.code)

/** Makes no call of a provider that fails: it says so at once, with the code `provider_error` and when to come again. */
export function withBreaker(provider: LlmProvider, key: BreakerKey, breakers: Breakers, clock: Clock): LlmProvider {
  return {
    async *stream(request, signal) {
      const entry = await breakers.enter(key)
      if (entry.result === 'open') throw leftAlone(key, entry.until, clock)
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

const leftAlone = ({ provider, service }: BreakerKey, until: number, clock: Clock): ProviderError =>
  new ProviderError(
    'provider_error',
    `"${service}" failed too often and is left alone until ${timestamp({ now: () => until })}`,
    {
      provider,
      retryAfterSeconds: Math.max(1, Math.ceil((until - clock.now()) / 1_000)),
    },
  )
