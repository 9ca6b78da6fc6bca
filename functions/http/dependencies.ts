import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import type { AccessDependencies } from '#shared/access/authenticate.ts'
import { dynamoTicketStore } from '#shared/access/dynamo-ticket-store.ts'
import type { CreateAgentDependencies } from '#shared/agents/create-agent.ts'
import { dynamoAgentStore } from '#shared/agents/dynamo-agent-store.ts'
import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import type { SubmitDependencies } from '#shared/executions/submit-execution.ts'
import { eventBridgeMessageBus } from '#shared/messaging/event-bridge-message-bus.ts'
import type { PublishMessageDependencies } from '#shared/messaging/publish-message.ts'
import { sqsSender } from '#shared/messaging/sqs-sender.ts'
import { sqsWorkQueue } from '#shared/messaging/sqs-work-queue.ts'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { CONFIG, loadConfig } from '#shared/platform/config.ts'
import { dynamoClient } from '#shared/platform/dynamo-client.ts'
import type { Log } from '#shared/platform/log.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import { secretsManagerSecretStore } from '#shared/platform/secrets-manager-secret-store.ts'
import type { Readiness } from '#shared/protocol/health.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import { busProbe, queueProbe, tableProbe, tokenSecretProbe } from './probes.ts'
import { readinessOf } from './readiness.ts'

/** What the routes need. */
export type HttpDependencies = AccessDependencies &
  CreateAgentDependencies &
  PublishMessageDependencies &
  SubmitDependencies & { streamLog: StreamLog; stage: string; log: Log; readiness(): Promise<Readiness> }

/** Made once per container. */
export function createDependencies(): HttpDependencies {
  const config = loadConfig({
    ...CONFIG.stage,
    ...CONFIG.registry,
    ...CONFIG.executions,
    ...CONFIG.streams,
    ...CONFIG.bus,
    ...CONFIG.work,
    ...CONFIG.access,
  })
  const { REGISTRY_TABLE: registry, EXECUTIONS_TABLE: executions, STREAMS_TABLE: streams } = config
  const dynamo = dynamoClient()
  const eventBridge = new EventBridgeClient(AWS_CLIENT_CONFIG)
  const access = { secrets: secretsManagerSecretStore(), tokenSecretName: config.TOKEN_SECRET_NAME }
  return {
    ...access,
    tickets: dynamoTicketStore(dynamo, streams),
    agents: dynamoAgentStore(dynamo, registry),
    executions: dynamoExecutionStore(dynamo, { registry, executions, streams }),
    streamLog: dynamoStreamLog(dynamo, streams),
    bus: eventBridgeMessageBus(eventBridge, config.BUS_NAME),
    workQueue: sqsWorkQueue(sqsSender(), config.WORK_QUEUE_URL),
    clock: systemClock,
    stage: config.SLUICE_STAGE,
    log: powertoolsLog('http'),
    readiness: readinessOf(
      [
        tableProbe(dynamo, 'registry table', registry),
        tableProbe(dynamo, 'executions table', executions),
        tableProbe(dynamo, 'streams table', streams),
        queueProbe('work queue', config.WORK_QUEUE_URL),
        busProbe(eventBridge, 'message bus', config.BUS_NAME),
        tokenSecretProbe(access),
      ],
      systemClock,
    ),
  }
}
