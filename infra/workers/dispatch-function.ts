import type { Construct } from 'constructs'
import { ENV } from '#shared/platform/names.ts'
import { allowAgentQueues } from '../constructs/allow-agent-queues.ts'
import { retentionEnvironment } from '../constructs/retention-environment.ts'
import { SluiceFunction } from '../constructs/sluice-function.ts'
import { DISPATCH_TIMEOUT_SECONDS } from '../stacks/messaging-stack.ts'
import type { WorkerProps } from './worker-props.ts'

/** Makes executions of messages. */
export function dispatchFunction(
  scope: Construct,
  { config, data, messaging, api, functionsDirectory }: WorkerProps,
): SluiceFunction {
  const handler = new SluiceFunction(scope, 'DispatchFunction', {
    config,
    name: 'dispatch',
    description: 'Makes one execution for each agent that subscribed to a message',
    directory: functionsDirectory,
    timeoutSeconds: DISPATCH_TIMEOUT_SECONDS,
    failures: 'queue',
    environment: {
      [ENV.registryTable]: data.registry.tableName,
      [ENV.executionsTable]: data.executions.tableName,
      ...retentionEnvironment(config),
      [ENV.streamsTable]: data.streams.tableName,
      [ENV.topicRetentionHours]: String(config.topicRetentionHours),
      [ENV.workQueueUrl]: messaging.work.queue.queueUrl,
      [ENV.ingressDeadLetterQueueUrl]: messaging.ingress.deadLetters.queueUrl,
      [ENV.defaultTenant]: config.defaultTenant,
      [ENV.connectionsQueueUrl]: messaging.connections.queue.queueUrl,
      [ENV.socketApiId]: api.socketApi.apiId,
      [ENV.artifactsBucket]: data.artifacts.bucketName,
      [ENV.busName]: messaging.bus.eventBusName,
    },
  })
  handler.allowTable(data.registry, ['GetItem', 'Query', 'UpdateItem'])
  handler.allowTable(data.executions, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
  handler.allowTable(data.streams, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'])
  const queues = [messaging.work.queue, messaging.connections.queue, messaging.ingress.deadLetters]
  handler.allow(['sqs:SendMessage'], ...queues.map((queue) => queue.queueArn))
  allowAgentQueues(handler, config)
  handler.allow(['events:PutEvents'], messaging.bus.eventBusArn)
  handler.attach(data.readArtifacts)
  handler.attach(api.connections)
  return handler
}
