import { dynamoAccess } from '#shared/access/dynamo-access.ts'
import type { Auditor } from '#shared/audit/auditor.ts'
import { dynamoAuditor } from '#shared/audit/dynamo-auditor.ts'
import { readExecution } from '#shared/executions/dynamo-read-execution.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import type { Log } from '#shared/platform/log.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { secretsManagerSecretStore } from '#shared/platform/secrets-manager-secret-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import type { OpenStreamDependencies } from './open-stream.ts'
import type { RunStreamDependencies } from './run-stream.ts'
import type { StartResponse } from './streaming-handler.ts'

export type StreamDependencies = OpenStreamDependencies & {
  startResponse: StartResponse
  logger: Log
  audit: Auditor
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
    ...CONFIG.streams,
    ...CONFIG.audit,
    ...CONFIG.access,
    ...CONFIG.work,
    ...CONFIG.socket,
    ...CONFIG.connections,
    ...CONFIG.artifacts,
    ...CONFIG.timeouts,
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
  let loading: Promise<RunStreamDependencies> | undefined
  return {
    ...shared,
    audit: dynamoAuditor(client, config, { clock: systemClock, log: logger }),
    ...dynamoAccess({ config, client, secrets: shared.secrets, clock: shared.clock }),
    executions: { get: (key) => readExecution(client, config.EXECUTIONS_TABLE, key) },
    startResponse: (response, head) => awslambda.HttpResponseStream.from(response, head),
    direct() {
      loading ??= import('./direct-dependencies.ts').then(({ directDependencies }) => directDependencies(config, client, shared))
      return loading
    },
  }
}
