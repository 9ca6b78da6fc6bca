import type { Construct } from 'constructs'
import { ENV } from '#shared/platform/names.ts'
import { auditEnvironment } from '../constructs/audit-environment.ts'
import { followChanges } from '../constructs/follow-changes.ts'
import { SluiceFunction } from '../constructs/sluice-function.ts'
import { CONNECTIONS_TIMEOUT_SECONDS } from '../stacks/messaging-stack.ts'
import type { WorkerProps } from './worker-props.ts'

/** Does its tasks, and sees what happens to connections and to their subscriptions of topics; nothing else wakes it. */
export function connectionsFunction(
  scope: Construct,
  { config, data, messaging, api, functionsDirectory }: WorkerProps,
): SluiceFunction {
  const handler = new SluiceFunction(scope, 'ConnectionsFunction', {
    config,
    name: 'connections',
    description: 'Counts connections, opens what their addresses ask for, and posts to crowded channels',
    directory: functionsDirectory,
    timeoutSeconds: CONNECTIONS_TIMEOUT_SECONDS,
    failures: 'queue',
    environment: {
      [ENV.registryTable]: data.registry.tableName,
      [ENV.streamsTable]: data.streams.tableName,
      ...auditEnvironment(data, config),
      [ENV.auditBucket]: data.auditExports.bucketName,
      [ENV.topicRetentionHours]: String(config.topicRetentionHours),
      [ENV.busName]: messaging.bus.eventBusName,
      [ENV.connectionsQueueUrl]: messaging.connections.queue.queueUrl,
      [ENV.deliveryQueueUrl]: messaging.deliveries.queue.queueUrl,
      [ENV.socketApiId]: api.socketApi.apiId,
    },
  })
  handler.allowTable(data.registry, ['Query'])
  handler.allowTable(data.streams, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'])
  handler.allowTable(data.audit, ['Query', 'PutItem'])
  handler.attach(data.writeAuditExports)
  handler.allow(['events:PutEvents'], messaging.bus.eventBusArn)
  handler.allow(['sqs:SendMessage'], messaging.connections.queue.queueArn, messaging.deliveries.queue.queueArn)
  handler.attach(api.connections)
  const table = data.streams
  const failures = messaging.connections.deadLetters
  const connections = { dynamodb: { Keys: { sk: { S: ['CONN'] } } } }
  const topics = { dynamodb: { Keys: { pk: { S: [{ prefix: 'CONN#' }] }, sk: { S: [{ prefix: 'SUB#topic:' }] } } } }
  followChanges(handler, 'Connections', { table, filters: [connections, topics], failures })
  return handler
}
