import type { Construct } from 'constructs'
import { ENV } from '#shared/platform/names.ts'
import { allowAgentQueues } from '../constructs/allow-agent-queues.ts'
import { allowDeadLetters } from '../constructs/allow-dead-letters.ts'
import { auditEnvironment } from '../constructs/audit-environment.ts'
import { retentionEnvironment } from '../constructs/retention-environment.ts'
import { SluiceFunction, type TableAction } from '../constructs/sluice-function.ts'
import { declaredAgents } from '../declared-agents.ts'
import { ERASE_TIMEOUT_SECONDS } from '../stacks/messaging-stack.ts'
import type { WorkerProps } from './worker-props.ts'

/** Erases tenants. Nothing else may scan a table, or delete what it has not written. */
export function eraseFunction(
  scope: Construct,
  { config, data, messaging, api, functionsDirectory }: WorkerProps,
): SluiceFunction {
  const handler = new SluiceFunction(scope, 'EraseFunction', {
    config,
    name: 'erase',
    description: 'Erases everything of a tenant, and proves it',
    directory: functionsDirectory,
    timeoutSeconds: ERASE_TIMEOUT_SECONDS,
    memorySize: 512,
    failures: 'queue',
    environment: {
      [ENV.registryTable]: data.registry.tableName,
      [ENV.executionsTable]: data.executions.tableName,
      ...retentionEnvironment(config),
      [ENV.streamsTable]: data.streams.tableName,
      ...auditEnvironment(data, config),
      [ENV.auditBucket]: data.auditExports.bucketName,
      [ENV.artifactsBucket]: data.artifacts.bucketName,
      [ENV.workQueueUrl]: messaging.work.queue.queueUrl,
      [ENV.erasureQueueUrl]: messaging.erasures.queue.queueUrl,
      [ENV.socketApiId]: api.socketApi.apiId,
      [ENV.executionTimeoutSeconds]: String(config.executionTimeoutSeconds),
      [ENV.providerTimeoutSeconds]: String(config.providerTimeoutSeconds),
      [ENV.defaultTenant]: config.defaultTenant,
      [ENV.declaredAgents]: JSON.stringify(declaredAgents(config).map(({ id }) => id)),
    },
  })
  const everything: TableAction[] = ['Scan', 'BatchWriteItem']
  handler.allowTable(data.registry, [...everything, 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
  handler.allowTable(data.executions, [...everything, 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
  handler.allowTable(data.streams, [
    ...everything,
    'GetItem',
    'Query',
    'PutItem',
    'UpdateItem',
    'DeleteItem',
    'ConditionCheckItem',
  ])
  handler.allowTable(data.audit, everything)
  handler.attach(data.eraseObjects)
  allowDeadLetters(handler, messaging, config)
  handler.allow(['sqs:SendMessage'], messaging.work.queue.queueArn, messaging.erasures.queue.queueArn)
  allowAgentQueues(handler, config)
  handler.attach(api.connections)
  return handler
}
