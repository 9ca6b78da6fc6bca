import type { AccessDependencies } from '#shared/access/authenticate.ts'
import { dynamoAccess } from '#shared/access/dynamo-access.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import type { Auditor } from '#shared/audit/auditor.ts'
import { dynamoAuditor } from '#shared/audit/dynamo-auditor.ts'
import type { CancelDependencies } from '#shared/executions/cancel-execution.ts'
import type { DecideDependencies } from '#shared/executions/decide-approval.ts'
import type { SubmitDependencies } from '#shared/executions/submit-execution.ts'
import type { GraphqlDependencies } from '#shared/graphql/graphql-context.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import { lazy } from '#shared/platform/lazy.ts'
import type { Log } from '#shared/platform/log.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { secretsManagerSecretStore } from '#shared/platform/secrets-manager-secret-store.ts'
import type { ConnectionTaskQueue } from '#shared/streams/connection-task-queue.ts'
import { dynamoConnectionStore } from '#shared/streams/dynamo-connection-store.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import type { OpenSubscriptionDependencies } from '#shared/streams/open-subscription.ts'
import { socketPoster } from '#shared/streams/socket-poster.ts'
import { sqsConnectionTaskQueue } from '#shared/streams/sqs-connection-task-queue.ts'
import type { LimitsDependencies } from '../doors/limits-dependencies.ts'
import { executionStores } from '../execution-stores.ts'
import type { Endpoints } from './handshake.ts'

export type SocketDependencies = AccessDependencies &
  SubmitDependencies &
  CancelDependencies &
  DecideDependencies &
  OpenSubscriptionDependencies & {
    connectionTasks: ConnectionTaskQueue
    endpoints: Endpoints
    /** Takes `http:` addresses for callbacks. */
    allowPrivateCallbacks: boolean
    logger: Log
    audit: Auditor
    /** Made with the first connection, or the first work that is asked for. */
    limits(): Promise<LimitsDependencies>
    /** Made with the first operation. */
    graphql(): Promise<GraphqlDependencies>
  }

/** Made once per container. */
export function socketDependencies(): SocketDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.streams,
    ...CONFIG.audit,
    ...CONFIG.work,
    ...CONFIG.socket,
    ...CONFIG.connections,
    ...CONFIG.endpoints,
    ...CONFIG.access,
    ...CONFIG.privateCallbacks,
  })
  const client = dynamoClient()
  const { REGISTRY_TABLE: registry, STREAMS_TABLE: streams } = config
  const log = dynamoStreamLog(client, streams)
  const send = sqsSender()
  const logger = powertoolsLog('socket')
  const shared = {
    ...dynamoAccess({ config, client, secrets: secretsManagerSecretStore(), clock: systemClock }),
    ...executionStores(client, config),
    agents: dynamoAgentStore(client, registry),
    workQueue: sqsWorkQueue(send, config.WORK_QUEUE_URL),
    connections: dynamoConnectionStore(client, streams),
    log,
    streamLog: log,
    subscriptions: dynamoSubscriptionStore(client, streams),
    poster: socketPoster(config),
    connectionTasks: sqsConnectionTaskQueue(send, config.CONNECTIONS_QUEUE_URL),
    endpoints: config.SOCKET_ENDPOINTS,
    allowPrivateCallbacks: config.ALLOW_PRIVATE_CALLBACKS,
    clock: systemClock,
    logger,
    audit: dynamoAuditor(client, config, { clock: systemClock, log: logger }),
  }
  const limits = lazy(async () => (await import('./socket-limits.ts')).socketLimits(client, logger))
  const graphql = lazy(async () => {
    const { quotas } = await limits()
    return (await import('./graphql-dependencies.ts')).graphqlDependencies({ ...shared, limits, quotas })
  })
  return { ...shared, limits, graphql }
}
