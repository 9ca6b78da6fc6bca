import { cachedAgentStore } from '#shared/agents/cached-agent-store.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import type { RunDependencies } from '#shared/executions/run-execution.ts'
import { LLM_TIMEOUTS } from '#shared/llm/llm-timeouts.ts'
import { secretLlmProviders } from '#shared/llm/secret-llm-providers.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { secretsManagerSecretStore } from '#shared/platform/secrets-manager-secret-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { socketPoster } from '#shared/streams/socket-poster.ts'

/** Made once per container. */
export function executeDependencies(): RunDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.streams,
    ...CONFIG.socket,
    ...CONFIG.timeouts,
  })
  const client = dynamoClient()
  const { EXECUTIONS_TABLE: executions, STREAMS_TABLE: streams } = config
  return {
    executions: dynamoExecutionStore(client, { registry: config.REGISTRY_TABLE, executions, streams }),
    agents: cachedAgentStore(dynamoAgentStore(client, config.REGISTRY_TABLE), systemClock),
    providers: secretLlmProviders({
      secrets: secretsManagerSecretStore(),
      platform: config.SLUICE_PLATFORM,
      timeouts: { ...LLM_TIMEOUTS, totalMs: config.PROVIDER_TIMEOUT_SECONDS * 1_000 },
    }),
    log: dynamoStreamLog(client, streams),
    subscriptions: dynamoSubscriptionStore(client, streams),
    poster: socketPoster(config),
    clock: systemClock,
    logger: powertoolsLog('execute'),
    executionTimeoutMs: config.EXECUTION_TIMEOUT_SECONDS * 1_000,
  }
}
