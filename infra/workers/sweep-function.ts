import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { ENV, INDEX } from '#shared/platform/names.ts'
import { deploymentOf } from '../bundling/deployment-of.ts'
import { allowAgentQueues } from '../constructs/allow-agent-queues.ts'
import { auditEnvironment } from '../constructs/audit-environment.ts'
import { retentionEnvironment } from '../constructs/retention-environment.ts'
import { SluiceFunction } from '../constructs/sluice-function.ts'
import { declaredAgents } from '../declared-agents.ts'
import type { WorkerProps } from './worker-props.ts'

/** Timeout of `sweep`, in seconds: over before the next one starts. */
const SWEEP_TIMEOUT_SECONDS = 50

/**
 * Goes on with what nobody works on, every minute.
 *
 * @param deadLetters - keeps the events of runs that failed
 */
export function sweepFunction(
  scope: Construct,
  { config, data, messaging, functionsDirectory }: WorkerProps,
  deadLetters: Queue,
): SluiceFunction {
  const handler = new SluiceFunction(scope, 'SweepFunction', {
    config,
    name: 'sweep',
    description: 'Goes on with executions and agents that nobody works on',
    directory: functionsDirectory,
    timeoutSeconds: SWEEP_TIMEOUT_SECONDS,
    memorySize: 512,
    failures: deadLetters,
    environment: {
      [ENV.registryTable]: data.registry.tableName,
      [ENV.executionsTable]: data.executions.tableName,
      ...retentionEnvironment(config),
      [ENV.streamsTable]: data.streams.tableName,
      ...auditEnvironment(data, config),
      [ENV.connectionsQueueUrl]: messaging.connections.queue.queueUrl,
      [ENV.workQueueUrl]: messaging.work.queue.queueUrl,
      [ENV.healthCheckSeconds]: String(config.healthCheckSeconds),
      [ENV.defaultTenant]: config.defaultTenant,
      [ENV.declaredAgents]: JSON.stringify(declaredAgents(config).map(({ id }) => id)),
      [ENV.deployment]: deploymentOf(functionsDirectory),
    },
  })
  handler.allowTable(data.registry, ['GetItem', 'UpdateItem', 'DeleteItem'])
  handler.allowTable(data.registry, ['Query'], INDEX.due)
  handler.allowTable(data.executions, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
  handler.allowTable(data.executions, ['Query'], INDEX.due)
  handler.allowTable(data.streams, ['Query', 'PutItem', 'UpdateItem'])
  handler.allowTable(data.audit, ['Query'])
  handler.allow(['sqs:SendMessage'], messaging.work.queue.queueArn, messaging.connections.queue.queueArn)
  allowAgentQueues(handler, config)
  new Rule(scope, 'EveryMinute', {
    description: 'Starts the sweeper',
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [new LambdaFunction(handler.function, { deadLetterQueue: deadLetters, retryAttempts: 0 })],
  })
  return handler
}
