import type { LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import type { LlmCaller, LlmProviders } from '#shared/llm/llm-providers.ts'
import type { Log } from '#shared/platform/log.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import type { Budgets } from './budgets.ts'
import { type CandidateSettings, type CandidatesDependencies, candidatesOf } from './candidates.ts'
import { estimateCost } from './estimate-cost.ts'
import { type ModelCallDependencies, modelCall } from './model-call.ts'
import { needsOf } from './needs-of.ts'
import { questionRoom } from './question-room.ts'
import type { ResponseCacheStore } from './response-cache-store.ts'
import { withBudget } from './with-budget.ts'
import { withFallbacks } from './with-fallbacks.ts'

export type ModelProvidersDependencies = CandidatesDependencies &
  ModelCallDependencies & {
    budgets: Budgets
    cache: ResponseCacheStore
    log: Log
  }

/**
 * Models with all layers around a call. From the outside to the inside: virtual and default models are resolved; response cache; budgets; fallbacks;
 * and for each model its breaker, parameters, keys and price. A successful call causes no write, unless there is a budget or a cache.
 */
export function modelProviders(dependencies: ModelProvidersDependencies): LlmProviders {
  const { budgets, catalogue, cache, clock, log } = dependencies

  const pipeline = async (candidates: CandidateSettings[], asked: LlmSettings, caller: LlmCaller): Promise<LlmProvider> => {
    const [first] = candidates
    if (!first) throw new RangeError('there is always a candidate')
    const { tenant } = caller
    const fallbacks = withFallbacks(
      candidates.map(({ settings, adapt }, index) => ({
        provider: settings.provider,
        model: settings.model,
        adapt,
        // Only the last model waits for keys: before that, the next model is quicker.
        open: async () => modelCall(dependencies, settings, caller, { waits: index === candidates.length - 1 }),
      })),
    )
    const estimate = async (request: LlmRequest) => {
      const facts = await catalogue.find(tenant, first.settings)
      return estimateCost(first.adapt(request), facts)
    }
    const limited = withBudget(fallbacks, { budgets, caller, estimate })
    if (!asked.cache) return limited
    const { withResponseCache } = await import('./with-response-cache.ts')
    return withResponseCache(limited, {
      store: cache,
      tenant,
      settings: first.settings,
      ttlSeconds: asked.cache.ttlSeconds,
      clock,
      onLost: (error) => log.warn('model_state_lost', { what: 'cache', error }),
    })
  }

  /** Reports a missing key early, unless another candidate has one. @throws the error of the first candidate */
  async function openAny([first, ...others]: CandidateSettings[]): Promise<void> {
    if (!first) return
    try {
      await dependencies.openKeyed(first.settings)
    } catch (error) {
      const open = async ({ settings }: CandidateSettings): Promise<unknown> => dependencies.openKeyed(settings)
      await Promise.any(others.map(open)).catch(() => Promise.reject(error))
    }
  }

  return {
    async open(asked, caller) {
      const candidates = await candidatesOf(dependencies, caller.tenant, asked)
      await openAny(candidates)
      return {
        async *stream(request, signal) {
          const isVirtual = [asked, ...(asked.fallbacks ?? [])].some(({ provider }) => provider === 'virtual')
          const fitting = isVirtual ? await candidatesOf(dependencies, caller.tenant, asked, needsOf(request)) : candidates
          const provider = await pipeline(fitting, asked, caller)
          yield* provider.stream(request, signal)
        },
      }
    },

    async questionRoom(asked, { tenant }) {
      const candidates = await candidatesOf(dependencies, tenant, asked)
      const rooms = await Promise.all(
        candidates.map(async ({ settings }) => questionRoom(await catalogue.find(tenant, settings), settings.maxTokens)),
      )
      const largest = Math.max(...rooms.map((room) => room ?? Number.POSITIVE_INFINITY))
      return Number.isFinite(largest) ? largest : undefined
    },
  }
}
