import { Construct } from 'constructs'
import { agentQueueName, ENV } from '#shared/platform/names.ts'
import type { DeclaredAgentSettings } from '../declared-agents.ts'
import type { ApiStack } from '../stacks/api-stack.ts'
import type { DataStack } from '../stacks/data-stack.ts'
import type { MessagingStack } from '../stacks/messaging-stack.ts'
import type { StageConfig } from '../stage-config.ts'
import { allowProviders } from './allow-providers.ts'
import { allowTools } from './allow-tools.ts'
import { consumeQueue } from './consume-queue.ts'
import { modelEnvironment } from './model-environment.ts'
import { QueueWithDeadLetters } from './queue-with-dead-letters.ts'
import { retentionEnvironment } from './retention-environment.ts'
import { SluiceFunction } from './sluice-function.ts'

export type DeclaredAgentProps = DeclaredAgentSettings & {
  config: StageConfig
  data: DataStack
  messaging: MessagingStack
  api: ApiStack
  /** Directory of the bundled functions. */
  functionsDirectory: string
  /** Names the build; the registry follows it. */
  deployment: string
}

/** An invocation can end, and its batch go back, before the queue shows the messages again. In seconds. */
const VISIBILITY_MARGIN = 60
const MAX_CONCURRENCY = 5

/** An agent in code: its function, its queue and dead-letter queue, and what the function may do. */
export class DeclaredAgent extends Construct {
  readonly agentId: string
  readonly function: SluiceFunction
  readonly queue: QueueWithDeadLetters

  constructor(scope: Construct, id: string, props: DeclaredAgentProps) {
    super(scope, id)
    const { config, maxConcurrency = MAX_CONCURRENCY, timeoutSeconds = config.functionTimeoutSeconds } = props
    this.agentId = props.id
    this.queue = new QueueWithDeadLetters(this, 'Work', {
      queueName: agentQueueName(config.platform, props.id),
      visibilityTimeoutSeconds: timeoutSeconds + VISIBILITY_MARGIN,
    })
    this.function = this.createFunction(props, timeoutSeconds)
    this.allow(props)
    consumeQueue(this.function, this.queue.queue, maxConcurrency)
  }

  private createFunction(props: DeclaredAgentProps, timeoutSeconds: number): SluiceFunction {
    const { config, data, messaging, api, functionsDirectory, deployment, memorySize } = props
    return new SluiceFunction(this, 'Function', {
      config,
      name: `agents/${props.id}`,
      description: `Runs the agent ${props.id}`,
      directory: functionsDirectory,
      timeoutSeconds,
      ...(memorySize !== undefined && { memorySize }),
      failures: 'queue',
      environment: {
        [ENV.registryTable]: data.registry.tableName,
        [ENV.executionsTable]: data.executions.tableName,
        ...retentionEnvironment(config, 'conversations'),
        [ENV.streamsTable]: data.streams.tableName,
        [ENV.artifactsBucket]: data.artifacts.bucketName,
        [ENV.busName]: messaging.bus.eventBusName,
        [ENV.workQueueUrl]: messaging.work.queue.queueUrl,
        [ENV.agentDeadLetterQueueUrl]: this.queue.deadLetters.queueUrl,
        [ENV.socketApiId]: api.socketApi.apiId,
        [ENV.connectionsQueueUrl]: messaging.connections.queue.queueUrl,
        [ENV.executionTimeoutSeconds]: String(config.executionTimeoutSeconds),
        [ENV.providerTimeoutSeconds]: String(config.providerTimeoutSeconds),
        ...modelEnvironment(config),
        [ENV.allowPrivateCallbacks]: String(config.stage === 'local'),
        [ENV.deployment]: deployment,
      },
    })
  }

  private allow({ config, data, messaging, api, llm = false }: DeclaredAgentProps): void {
    const handler = this.function
    handler.allowTable(data.registry, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    handler.allowTable(data.executions, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    handler.allowTable(data.streams, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    const queues = [this.queue.queue, this.queue.deadLetters, messaging.connections.queue]
    handler.allow(['sqs:SendMessage'], ...queues.map((queue) => queue.queueArn))
    handler.allow(['events:PutEvents'], messaging.bus.eventBusArn)
    handler.attach(data.writeArtifacts)
    handler.attach(api.connections)
    if (!llm) return
    handler.countLog('budget_exceeded', config)
    allowProviders(handler, config)
    allowTools(handler, config)
  }
}
