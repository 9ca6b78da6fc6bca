import type { LlmProvider } from '#shared/llm/llm-provider.ts'
import type { LlmCaller } from '#shared/llm/llm-providers.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { type Vendor, vendorSchema } from '#shared/protocol/model.ts'
import type { Breakers } from './breakers.ts'
import type { Catalogue } from './catalogue.ts'
import type { KeyedOpener, KeyedOptions } from './keyed-opener.ts'
import type { Latencies } from './latencies.ts'
import { countedService } from './latency-reader.ts'
import { prepareRequest } from './prepare-request.ts'
import { costMicroUsd } from './price.ts'
import { schemaInWords } from './schema-in-words.ts'
import { withBreaker } from './with-breaker.ts'
import { withMetering } from './with-metering.ts'
import { withWholeCharacters } from './with-whole-characters.ts'

/** @param durationMs - from the question to the end of the answer, or to the failure */
export type CallTimes = (called: { provider: Vendor; model: string }, durationMs: number) => Promise<void>

export type ModelCallDependencies = {
  /** A vendor with all the keys of its service. @throws SecretNotFoundError naming the secret */
  openKeyed: KeyedOpener
  catalogue: Catalogue
  breakers: Breakers
  latencies: Latencies
  /** Records the duration of each call that was not given up. @default none is recorded */
  callTimes?: CallTimes | undefined
  clock: Clock
}

/** One model of one vendor: fits the request to it, checks its breaker, asks it, and measures the call. */
export function modelCall(
  { openKeyed, catalogue, breakers, latencies, callTimes, clock }: ModelCallDependencies,
  settings: LlmSettings,
  { tenant }: LlmCaller,
  options: KeyedOptions,
): LlmProvider {
  const { model } = settings
  const provider = vendorSchema.parse(settings.provider)
  const service = countedService(settings)
  return {
    async *stream(asked, signal) {
      const facts = await catalogue.find(tenant, { provider, model })
      const { request, warnings } = prepareRequest(schemaInWords(asked, facts), provider, facts)
      for (const text of warnings) yield { type: 'warning', text }
      const metered = withMetering(withWholeCharacters(await openKeyed(settings, options)), {
        costOf: (usage) => costMicroUsd(usage, facts),
        async measured(measurement) {
          const { durationMs } = measurement
          if (durationMs !== undefined) await callTimes?.({ provider, model }, durationMs)
          await latencies.record(tenant, { provider, service, model }, measurement)
        },
        clock,
      })
      const key = { tenant, provider, service, model }
      yield* withBreaker(metered, { key, breakers, clock, ...options }).stream(request, signal)
    },
  }
}
