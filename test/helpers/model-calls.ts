import type { LlmEvent, LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import type { LlmScript } from '#shared/llm/memory-llm-providers.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { sharedBreakers } from '#shared/models/breakers.ts'
import { budgets } from '#shared/models/budgets.ts'
import { modelCatalogue } from '#shared/models/catalogue.ts'
import { standsIn } from '#shared/models/default-model.ts'
import { keyFinder } from '#shared/models/key-finder.ts'
import type { KeyedOpener } from '#shared/models/keyed-opener.ts'
import { sharedLatencies } from '#shared/models/latencies.ts'
import { latencyReader } from '#shared/models/latency-reader.ts'
import { memoryBreakerStore } from '#shared/models/memory-breaker-store.ts'
import { memoryBudgetStore } from '#shared/models/memory-budget-store.ts'
import { memoryLatencyStore } from '#shared/models/memory-latency-store.ts'
import { memoryResponseCacheStore } from '#shared/models/memory-response-cache-store.ts'
import { type ModelProvidersDependencies, modelProviders } from '#shared/models/model-providers.ts'
import { virtualModels } from '#shared/models/virtual-models.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { SecretNotFoundError } from '#shared/platform/secret-not-found-error.ts'
import type { Budget } from '#shared/protocol/budget.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { LlmProviderName, LlmSettings } from '#shared/protocol/llm.ts'
import type { NamedVirtualModel } from '#shared/protocol/model.ts'

/** An answer of one word, with what it used. */
export const saying = (text: string): LlmScript =>
  async function* (): AsyncGenerator<LlmEvent> {
    yield { type: 'text', text }
    yield { type: 'usage', inputTokens: 1_000, outputTokens: 100 }
    yield { type: 'stop', reason: 'end' }
  }

export const providerError = (code: ErrorCode): ProviderError => new ProviderError(code, `injected ${code}`, { provider: 'test' })

/** Fails before its first word. */
export const refusing = (error: Error | ErrorCode): LlmScript =>
  // biome-ignore lint/correctness/useYield: it has nothing to say
  async function* (): AsyncGenerator<LlmEvent> {
    throw typeof error === 'string' ? providerError(error) : error
  }

/** What a store was asked, by the names of its functions. */
export function counted<Store extends object>(store: Store, calls: string[]): Store {
  return new Proxy(store, {
    get(target, name, receiver) {
      const member = Reflect.get(target, name, receiver)
      if (typeof member !== 'function') return member
      return (...given: unknown[]) => {
        calls.push(String(name))
        return member.apply(target, given)
      }
    },
  })
}

export type ModelWorldOptions = {
  /** What each model does, by its name. */
  models: Record<string, LlmScript>
  budgets?: Budget[]
  virtualModels?: NamedVirtualModel[]
  stageModel?: ModelProvidersDependencies['stageModel']
  /** Providers whose secret is missing. */
  keyless?: LlmProviderName[]
}

/** The whole pipeline over stores in memory; a second container shares them. */
export function modelWorld({
  models,
  budgets: definitions = [],
  virtualModels: rules = [],
  stageModel,
  keyless = [],
}: ModelWorldOptions) {
  let now = Date.parse('2026-11-21T09:00:00Z')
  const clock = { now: () => now }
  /** Calls of stores, in their order. */
  const storeCalls: string[] = []
  const stores = {
    breakers: counted(memoryBreakerStore(), storeCalls),
    latencies: counted(memoryLatencyStore(), storeCalls),
    cache: counted(memoryResponseCacheStore(), storeCalls),
    budgets: counted(memoryBudgetStore(), storeCalls),
  }
  const asked: LlmRequest[] = []
  /** How long calls took, as it was told. */
  const told: { provider: string; model: string; durationMs: number }[] = []
  const log = memoryLog()
  const vendor = (): LlmProvider => ({
    stream: (request, signal) => {
      const script = models[request.model]
      if (!script) throw new RangeError(`no script for ${request.model}`)
      return script(request, asked.push(request), signal)
    },
  })

  const openKeyed: KeyedOpener = async ({ provider }) => {
    if (keyless.includes(provider)) throw new SecretNotFoundError(`sluice-test-${provider}-secret`)
    return vendor()
  }

  function container() {
    const lost = (error: unknown) => log.warn('model_state_lost', { error })
    const latencies = sharedLatencies(stores.latencies, clock, lost)
    const catalogue = modelCatalogue({ list: async () => [] })
    return modelProviders({
      openKeyed,
      stageModel,
      virtualModels: virtualModels({
        rules: { list: async () => rules },
        catalogue,
        latency: latencyReader(latencies),
        hasKey: keyFinder(openKeyed, clock),
        hasDefault: standsIn(stageModel),
      }),
      catalogue,
      budgets: budgets({ definitions: { list: async () => definitions }, store: stores.budgets, clock, logger: log }),
      breakers: sharedBreakers(stores.breakers, clock, {
        onLost: lost,
        onOpened: (key, until) => log.warn('breaker_opened', { ...key, until }),
      }),
      async callTimes(called, durationMs) {
        told.push({ ...called, durationMs })
      },
      cache: stores.cache,
      latencies,
      clock,
      log,
    })
  }

  return {
    asked,
    told,
    storeCalls,
    stores,
    log,
    container,
    clock,
    pass: (ms: number) => {
      now += ms
    },
  }
}

export const CALLER = { tenant: 'acme', agentId: 'support', executionId: 'e-1', source: 'ada' }

export const settings = (overrides: Partial<LlmSettings> = {}): LlmSettings => ({
  provider: 'scripted',
  model: 'one',
  ...overrides,
})
