import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { AUDIT_RECORD_PREFIX, ENV } from '#shared/platform/names.ts'
import { allowAgentQueues } from '../constructs/allow-agent-queues.ts'
import { auditEnvironment } from '../constructs/audit-environment.ts'
import { followChanges } from '../constructs/follow-changes.ts'
import { retentionEnvironment } from '../constructs/retention-environment.ts'
import { SluiceFunction } from '../constructs/sluice-function.ts'
import type { WorkerProps } from './worker-props.ts'

/** Timeout of `changes`, in seconds: a batch has several channels to write to, each of which takes 28 s in the worst case. */
const CHANGES_TIMEOUT_SECONDS = 120

/**
 * Sees writes to executions, agents and gates; those to gates where somebody waits alone, since every execution changes its gate twice.
 *
 * @param deadLetters - keeps the changes from which nothing could follow
 */
export function changesFunction(
  scope: Construct,
  { config, data, messaging, api, functionsDirectory }: WorkerProps,
  deadLetters: Queue,
): SluiceFunction {
  const handler = new SluiceFunction(scope, 'ChangesFunction', {
    config,
    name: 'changes',
    description: 'Tells lifecycle events and does what else follows from a write',
    directory: functionsDirectory,
    timeoutSeconds: CHANGES_TIMEOUT_SECONDS,
    failures: 'stream',
    environment: {
      [ENV.registryTable]: data.registry.tableName,
      [ENV.executionsTable]: data.executions.tableName,
      ...retentionEnvironment(config),
      [ENV.streamsTable]: data.streams.tableName,
      ...auditEnvironment(data, config),
      [ENV.topicRetentionHours]: String(config.topicRetentionHours),
      [ENV.busName]: messaging.bus.eventBusName,
      [ENV.workQueueUrl]: messaging.work.queue.queueUrl,
      [ENV.connectionsQueueUrl]: messaging.connections.queue.queueUrl,
      [ENV.socketApiId]: api.socketApi.apiId,
      [ENV.changesDeadLetterQueueUrl]: deadLetters.queueUrl,
      [ENV.deliveryQueueUrl]: messaging.deliveries.queue.queueUrl,
      [ENV.eventSampling]: String(config.healthEventSampling),
      [ENV.metricsEnabled]: String(config.metrics),
    },
  })
  handler.allowTable(data.registry, ['GetItem', 'Query', 'UpdateItem'])
  handler.allowTable(data.executions, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
  handler.allowTable(data.streams, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'])
  handler.allowTable(data.audit, ['Query', 'PutItem'])
  handler.allow(['events:PutEvents'], messaging.bus.eventBusArn)
  const queues = [messaging.work.queue, messaging.deliveries.queue, messaging.connections.queue, deadLetters]
  handler.allow(['sqs:SendMessage'], ...queues.map((queue) => queue.queueArn))
  allowAgentQueues(handler, config)
  handler.attach(api.connections)
  const executions = { dynamodb: { Keys: { sk: { S: ['EXEC'] } } } }
  followChanges(handler, 'Executions', { table: data.executions, filters: [executions], failures: deadLetters })
  const agents = { dynamodb: { Keys: { sk: { S: [{ prefix: 'AGENT#' }] } } } }
  const someoneWaits = { open: { BOOL: [true] }, waiting: { N: [{ 'anything-but': ['0'] }] } }
  const gates = { dynamodb: { Keys: { sk: { S: ['GATE'] } }, NewImage: someoneWaits } }
  followChanges(handler, 'Registry', { table: data.registry, filters: [agents, gates], failures: deadLetters })
  const newRecords = { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: AUDIT_RECORD_PREFIX }] } } } }
  const tampering = { eventName: ['MODIFY', 'REMOVE'] }
  followChanges(handler, 'Audit', { table: data.audit, filters: [newRecords, tampering], failures: deadLetters })
  return handler
}
