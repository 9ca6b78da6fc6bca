import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { lazy } from '#shared/platform/lazy.ts'
import { sharedBreakers } from './breakers.ts'
import { budgets } from './budgets.ts'
import { cachedTenantList } from './cached-tenant-list.ts'
import { modelCatalogue } from './catalogue.ts'
import { readStageModel, standsIn } from './default-model.ts'
import { dynamoBreakerStore } from './dynamo-breaker-store.ts'
import { dynamoKeyedOpener, type KeyedOpenerDependencies } from './dynamo-keyed-opener.ts'
import { dynamoLatencyStore } from './dynamo-latency-store.ts'
import { dynamoModelSettings } from './dynamo-model-settings.ts'
import { dynamoResponseCacheStore } from './dynamo-response-cache-store.ts'
import { keyFinder } from './key-finder.ts'
import { sharedLatencies } from './latencies.ts'
import { latencyReader } from './latency-reader.ts'
import type { CallTimes } from './model-call.ts'
import { modelProviders } from './model-providers.ts'
import { virtualModels } from './virtual-models.ts'

export type DynamoModelProvidersOptions = KeyedOpenerDependencies & {
  registryTable: string
  /** Loads what records the duration of calls. @default it is not recorded */
  callTimes?: (() => Promise<CallTimes>) | undefined
}

/** The models of a deployed stage. Settings, breakers, latencies and the cache are in its tables, and are rarely read or written. */
export function dynamoModelProviders(options: DynamoModelProvidersOptions): LlmProviders {
  const { client, registryTable: registry, streamsTable: streams, callTimes, clock, log } = options
  const settings = dynamoModelSettings(client, { registry, streams })
  const lost = (what: string) => (error: unknown) => log.warn('model_state_lost', { what, error })
  const catalogue = modelCatalogue(cachedTenantList(settings.modelOverrides, clock))
  const latencies = sharedLatencies(dynamoLatencyStore(client, streams), clock, lost('latencies'))
  const openKeyed = dynamoKeyedOpener(options)
  const timed = callTimes && lazy(callTimes)
  const stageModel = readStageModel(options.stageModel)
  return modelProviders({
    openKeyed,
    stageModel,
    virtualModels: virtualModels({
      rules: cachedTenantList(settings.virtualModelRules, clock),
      catalogue,
      latency: latencyReader(latencies),
      hasKey: keyFinder(openKeyed, clock),
      hasDefault: standsIn(stageModel),
    }),
    catalogue,
    budgets: budgets({
      definitions: cachedTenantList(settings.budgetDefinitions, clock),
      store: settings.budgetStore,
      clock,
      logger: log,
    }),
    breakers: sharedBreakers(dynamoBreakerStore(client, streams), clock, {
      onLost: lost('breakers'),
      onOpened: (key, until) => log.warn('breaker_opened', { ...key, until: timestamp({ now: () => until }) }),
    }),
    callTimes: timed && (async (...call) => (await timed())(...call)),
    cache: dynamoResponseCacheStore(client, streams),
    latencies,
    clock,
    log,
  })
}
