import { dynamoAccess } from '#shared/access/dynamo-access.ts'
import type { Auditor } from '#shared/audit/auditor.ts'
import { dynamoAuditor } from '#shared/audit/dynamo-auditor.ts'
import { readExecution } from '#shared/executions/dynamo-read-execution.ts'
import type { RateLimiter } from '#shared/limits/rate-limiter.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import { lazy } from '#shared/platform/lazy.ts'
import type { Log } from '#shared/platform/log.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { secretsManagerSecretStore } from '#shared/platform/secrets-manager-secret-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import type { CorsOrigins } from '../doors/cors.ts'
import { limitsDependencies } from '../doors/limits-dependencies.ts'
import type { OpenStreamDependencies } from './open-stream.ts'
import type { RunStreamDependencies } from './run-stream.ts'
import type { StartResponse } from './streaming-handler.ts'

export type StreamDependencies = OpenStreamDependencies & {
  rateLimiter: RateLimiter
  startResponse: StartResponse
  logger: Log
  audit: Auditor
  corsOrigins: CorsOrigins
  /** What running an execution takes besides; loaded with the first one. */
  direct(): Promise<RunStreamDependencies>
}

/** What the function is told by its environment. */
export type StreamConfig = ReturnType<typeof streamConfig>

const streamConfig = () =>
  loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.conversations,
    ...CONFIG.streams,
    ...CONFIG.audit,
    ...CONFIG.limits,
    ...CONFIG.cors,
    ...CONFIG.access,
    ...CONFIG.work,
    ...CONFIG.socket,
    ...CONFIG.connections,
    ...CONFIG.artifacts,
    ...CONFIG.timeouts,
    ...CONFIG.models,
    ...CONFIG.metrics,
    ...CONFIG.privateCallbacks,
  })

/** Made once per container. */
export function streamDependencies(): StreamDependencies {
  const config = streamConfig()
  const client = dynamoClient()
  const logger = powertoolsLog('stream')
  const shared = {
    secrets: secretsManagerSecretStore(),
    streamLog: dynamoStreamLog(client, config.STREAMS_TABLE),
    clock: systemClock,
    logger,
  }
  const { rateLimiter, quotas } = limitsDependencies(client, config.STREAMS_TABLE, {
    config,
    log: logger,
    counts: async () => (await import('../doors/tenant-counts.ts')).tenantCounts(client, config),
  })
  return {
    ...shared,
    rateLimiter,
    corsOrigins: config.CORS_ORIGINS,
    audit: dynamoAuditor(client, config, { clock: systemClock, log: logger }),
    ...dynamoAccess({ config, client, secrets: shared.secrets, clock: shared.clock }),
    executions: { get: (key) => readExecution(client, config.EXECUTIONS_TABLE, key) },
    startResponse: (response, head) => awslambda.HttpResponseStream.from(response, head),
    direct: lazy(async () => {
      const { directDependencies } = await import('./direct-dependencies.ts')
      return directDependencies(config, client, { ...shared, quotas })
    }),
  }
}
