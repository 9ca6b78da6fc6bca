import type { Construct } from 'constructs'
import { ENV } from '#shared/platform/names.ts'
import { allowProviders } from '../constructs/allow-providers.ts'
import { allowTools } from '../constructs/allow-tools.ts'
import { modelEnvironment } from '../constructs/model-environment.ts'
import { retentionEnvironment } from '../constructs/retention-environment.ts'
import { SluiceFunction } from '../constructs/sluice-function.ts'
import type { WorkerProps } from './worker-props.ts'

/** Runs executions of registered agents. */
export function executeFunction(
  scope: Construct,
  { config, data, messaging, api, functionsDirectory }: WorkerProps,
): SluiceFunction {
  const handler = new SluiceFunction(scope, 'ExecuteFunction', {
    config,
    name: 'execute',
    description: 'Runs executions and streams their events',
    directory: functionsDirectory,
    timeoutSeconds: config.functionTimeoutSeconds,
    failures: 'queue',
    environment: {
      [ENV.registryTable]: data.registry.tableName,
      [ENV.executionsTable]: data.executions.tableName,
      ...retentionEnvironment(config, 'conversations'),
      [ENV.streamsTable]: data.streams.tableName,
      [ENV.workQueueUrl]: messaging.work.queue.queueUrl,
      [ENV.connectionsQueueUrl]: messaging.connections.queue.queueUrl,
      [ENV.socketApiId]: api.socketApi.apiId,
      [ENV.artifactsBucket]: data.artifacts.bucketName,
      [ENV.executionTimeoutSeconds]: String(config.executionTimeoutSeconds),
      [ENV.providerTimeoutSeconds]: String(config.providerTimeoutSeconds),
      ...modelEnvironment(config),
      [ENV.allowPrivateCallbacks]: String(config.stage === 'local'),
    },
  })
  handler.allowTable(data.registry, ['GetItem', 'Query', 'UpdateItem'])
  handler.allowTable(data.executions, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
  handler.allowTable(data.streams, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
  handler.allow(['sqs:SendMessage'], messaging.work.queue.queueArn, messaging.connections.queue.queueArn)
  handler.attach(data.readArtifacts)
  handler.attach(api.connections)
  allowProviders(handler, config)
  allowTools(handler, config)
  return handler
}
