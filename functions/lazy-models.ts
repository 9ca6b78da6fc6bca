import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { LLM_TIMEOUTS } from '#shared/llm/llm-timeouts.ts'
import { lazyModelProviders } from '#shared/models/lazy-model-providers.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { ConfigOf } from '#shared/platform/config.ts'
import type { Log } from '#shared/platform/log.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'

export type ModelsConfig = ConfigOf<'stage'> &
  ConfigOf<'registry'> &
  ConfigOf<'streams'> &
  ConfigOf<'timeouts'> &
  ConfigOf<'metrics'> &
  ConfigOf<'models'>

/** The models of the stage, for functions that run executions. The code is loaded when the first agent asks a model. */
export const lazyModels = (
  client: DynamoDBDocumentClient,
  config: ModelsConfig,
  { secrets, clock, logger }: { secrets: SecretStore; clock: Clock; logger: Log },
): LlmProviders =>
  lazyModelProviders({
    client,
    registryTable: config.REGISTRY_TABLE,
    streamsTable: config.STREAMS_TABLE,
    secrets,
    platform: config.SLUICE_PLATFORM,
    modelHosts: config.MODEL_HOSTS,
    stageModel: config,
    timeouts: { ...LLM_TIMEOUTS, totalMs: config.PROVIDER_TIMEOUT_SECONDS * 1_000 },
    callTimes: config.METRICS_ENABLED ? async () => (await import('./call-times.ts')).callTimes(config.SLUICE_STAGE) : undefined,
    clock,
    log: logger,
  })
