import type { Construct } from 'constructs'
import { ENV, webhookSecretName } from '#shared/platform/names.ts'
import { retentionEnvironment } from '../constructs/retention-environment.ts'
import { SluiceFunction } from '../constructs/sluice-function.ts'
import { DELIVER_TIMEOUT_SECONDS } from '../stacks/messaging-stack.ts'
import type { WorkerProps } from './worker-props.ts'

/** Posts callbacks and webhooks. */
export function deliverFunction(scope: Construct, { config, data, messaging, functionsDirectory }: WorkerProps): SluiceFunction {
  const handler = new SluiceFunction(scope, 'DeliverFunction', {
    config,
    name: 'deliver',
    description: 'Posts callbacks and webhooks',
    directory: functionsDirectory,
    timeoutSeconds: DELIVER_TIMEOUT_SECONDS,
    memorySize: 512,
    failures: 'queue',
    environment: {
      [ENV.registryTable]: data.registry.tableName,
      [ENV.executionsTable]: data.executions.tableName,
      ...retentionEnvironment(config, 'deliveries'),
      [ENV.streamsTable]: data.streams.tableName,
      [ENV.deliveryQueueUrl]: messaging.deliveries.queue.queueUrl,
      [ENV.webhookSecretName]: webhookSecretName(config.platform),
      [ENV.allowPrivateCallbacks]: String(config.stage === 'local'),
    },
  })
  handler.allowTable(data.registry, ['GetItem', 'UpdateItem'])
  handler.allowTable(data.executions, ['GetItem', 'UpdateItem'])
  handler.allow(['sqs:SendMessage'], messaging.deliveries.queue.queueArn)
  handler.allow(['secretsmanager:GetSecretValue'], data.webhookSecret.secretArn)
  return handler
}
