import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import {
  AUDIT_RECORD_PREFIX,
  changesDeadLetterQueueName,
  ENV,
  functionOutput,
  INDEX,
  OUTPUT,
  sweepDeadLetterQueueName,
  webhookSecretName,
} from '#shared/platform/names.ts'
import { deploymentOf } from '../bundling/deployment-of.ts'
import { allowAgentQueues } from '../constructs/allow-agent-queues.ts'
import { allowDeadLetters } from '../constructs/allow-dead-letters.ts'
import { allowProviders } from '../constructs/allow-providers.ts'
import { auditEnvironment } from '../constructs/audit-environment.ts'
import { consumeQueue } from '../constructs/consume-queue.ts'
import { deadLetterQueue } from '../constructs/dead-letter-queue.ts'
import { followChanges } from '../constructs/follow-changes.ts'
import { retentionEnvironment } from '../constructs/retention-environment.ts'
import { SluiceFunction, type TableAction } from '../constructs/sluice-function.ts'
import { SluiceStack } from '../constructs/sluice-stack.ts'
import { declaredAgents } from '../declared-agents.ts'
import { Alarms, platformAlarms } from '../monitoring/alarms.ts'
import type { StageConfig } from '../stage-config.ts'
import type { ApiStack } from './api-stack.ts'
import type { DataStack } from './data-stack.ts'
import {
  CONNECTIONS_TIMEOUT_SECONDS,
  DELIVER_TIMEOUT_SECONDS,
  DISPATCH_TIMEOUT_SECONDS,
  ERASE_TIMEOUT_SECONDS,
  type MessagingStack,
} from './messaging-stack.ts'

export type AgentsStackProps = {
  config: StageConfig
  data: DataStack
  messaging: MessagingStack
  api: ApiStack
  /** Directory of the bundled functions. */
  functionsDirectory: string
}

/** Erasures at once, in the whole account: the least that an event source mapping takes. */
const ERASURES_AT_ONCE = 2
/** Timeout of `sweep`, in seconds: over before the next one starts. */
const SWEEP_TIMEOUT_SECONDS = 50
/** Timeout of `changes`, in seconds: a batch has several channels to write to, each of which takes 28 s in the worst case. */
const CHANGES_TIMEOUT_SECONDS = 120

/** The workers: from messages to executions, from executions to streams, and what repairs both. */
export class AgentsStack extends SluiceStack {
  readonly functions: SluiceFunction[]
  readonly sweepDeadLetters: Queue
  readonly changesDeadLetters: Queue
  private readonly props: AgentsStackProps

  constructor(scope: Construct, props: AgentsStackProps) {
    super(scope, 'Agents', props.config, 'Sluice: dispatch, execute and sweep')
    this.props = props
    const { messaging } = props
    const dispatch = this.createDispatch()
    consumeQueue(dispatch, messaging.ingress.queue, props.config.maxConcurrency)
    const execute = this.createExecute()
    consumeQueue(execute, messaging.work.queue, props.config.maxWorkers)
    this.sweepDeadLetters = deadLetterQueue(this, 'SweepDeadLetters', sweepDeadLetterQueueName(props.config.platform))
    const sweep = this.createSweep()
    const deliver = this.createDeliver()
    consumeQueue(deliver, messaging.deliveries.queue, props.config.maxConcurrency)
    this.changesDeadLetters = deadLetterQueue(this, 'ChangesDeadLetters', changesDeadLetterQueueName(props.config.platform))
    const changes = this.createChanges()
    const connections = this.createConnections()
    consumeQueue(connections, messaging.connections.queue, props.config.maxConcurrency)
    const erase = this.createErase()
    consumeQueue(erase, messaging.erasures.queue, ERASURES_AT_ONCE)
    this.functions = [dispatch, execute, sweep, deliver, changes, connections, erase]
    const { config } = props
    const specs = platformAlarms({
      ingress: messaging.ingress,
      work: messaging.work,
      deliveries: messaging.deliveries,
      connectionTasks: messaging.connections,
      erasures: messaging.erasures,
      sweepDeadLetters: this.sweepDeadLetters,
      changesDeadLetters: this.changesDeadLetters,
      dispatch,
      execute,
      deliver,
      changes,
      connections,
      erase,
      auditFailed: countAuditFailures(props),
      auditTampered: changes.countLog('audit_tampered', config),
    })
    new Alarms(this, 'Alarms', { config, specs })

    this.output(OUTPUT.sweepDeadLetterQueueUrl, this.sweepDeadLetters.queueUrl)
    this.output(OUTPUT.changesDeadLetterQueueUrl, this.changesDeadLetters.queueUrl)
    this.output(functionOutput('dispatch'), dispatch.function.functionName)
    this.output(functionOutput('execute'), execute.function.functionName)
    this.output(functionOutput('sweep'), sweep.function.functionName)
    this.output(functionOutput('deliver'), deliver.function.functionName)
    this.output(functionOutput('changes'), changes.function.functionName)
    this.output(functionOutput('connections'), connections.function.functionName)
    this.output(functionOutput('erase'), erase.function.functionName)
  }

  private createDispatch(): SluiceFunction {
    const { config, data, messaging, api, functionsDirectory } = this.props
    const handler = new SluiceFunction(this, 'DispatchFunction', {
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

  private createExecute(): SluiceFunction {
    const { config, data, messaging, api, functionsDirectory } = this.props
    const handler = new SluiceFunction(this, 'ExecuteFunction', {
      config,
      name: 'execute',
      description: 'Runs executions and streams their events',
      directory: functionsDirectory,
      timeoutSeconds: config.functionTimeoutSeconds,
      failures: 'queue',
      environment: {
        [ENV.registryTable]: data.registry.tableName,
        [ENV.executionsTable]: data.executions.tableName,
        ...retentionEnvironment(config),
        [ENV.streamsTable]: data.streams.tableName,
        [ENV.workQueueUrl]: messaging.work.queue.queueUrl,
        [ENV.connectionsQueueUrl]: messaging.connections.queue.queueUrl,
        [ENV.socketApiId]: api.socketApi.apiId,
        [ENV.artifactsBucket]: data.artifacts.bucketName,
        [ENV.executionTimeoutSeconds]: String(config.executionTimeoutSeconds),
        [ENV.providerTimeoutSeconds]: String(config.providerTimeoutSeconds),
        [ENV.allowPrivateCallbacks]: String(config.stage === 'local'),
      },
    })
    handler.allowTable(data.registry, ['GetItem', 'UpdateItem'])
    handler.allowTable(data.executions, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    handler.allowTable(data.streams, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    handler.allow(['sqs:SendMessage'], messaging.work.queue.queueArn, messaging.connections.queue.queueArn)
    handler.attach(data.readArtifacts)
    handler.attach(api.connections)
    allowProviders(handler, config)
    return handler
  }

  private createSweep(): SluiceFunction {
    const { config, data, messaging, functionsDirectory } = this.props
    const handler = new SluiceFunction(this, 'SweepFunction', {
      config,
      name: 'sweep',
      description: 'Goes on with executions and agents that nobody works on',
      directory: functionsDirectory,
      timeoutSeconds: SWEEP_TIMEOUT_SECONDS,
      memorySize: 512,
      failures: this.sweepDeadLetters,
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
    new Rule(this, 'EveryMinute', {
      description: 'Starts the sweeper',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(handler.function, { deadLetterQueue: this.sweepDeadLetters, retryAttempts: 0 })],
    })
    return handler
  }

  private createDeliver(): SluiceFunction {
    const { config, data, messaging, functionsDirectory } = this.props
    const handler = new SluiceFunction(this, 'DeliverFunction', {
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

  /** Sees writes to executions, agents and gates; those to gates where somebody waits alone, since every execution changes its gate twice. */
  private createChanges(): SluiceFunction {
    const { config, data, messaging, api, functionsDirectory } = this.props
    const handler = new SluiceFunction(this, 'ChangesFunction', {
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
        [ENV.changesDeadLetterQueueUrl]: this.changesDeadLetters.queueUrl,
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
    const queues = [messaging.work.queue, messaging.deliveries.queue, messaging.connections.queue, this.changesDeadLetters]
    handler.allow(['sqs:SendMessage'], ...queues.map((queue) => queue.queueArn))
    allowAgentQueues(handler, config)
    handler.attach(api.connections)
    const failures = this.changesDeadLetters
    const executions = { dynamodb: { Keys: { sk: { S: ['EXEC'] } } } }
    followChanges(handler, 'Executions', { table: data.executions, filters: [executions], failures })
    const agents = { dynamodb: { Keys: { sk: { S: [{ prefix: 'AGENT#' }] } } } }
    const someoneWaits = { open: { BOOL: [true] }, waiting: { N: [{ 'anything-but': ['0'] }] } }
    const gates = { dynamodb: { Keys: { sk: { S: ['GATE'] } }, NewImage: someoneWaits } }
    followChanges(handler, 'Registry', { table: data.registry, filters: [agents, gates], failures })
    const newRecords = { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: AUDIT_RECORD_PREFIX }] } } } }
    const tampering = { eventName: ['MODIFY', 'REMOVE'] }
    followChanges(handler, 'Audit', { table: data.audit, filters: [newRecords, tampering], failures })
    return handler
  }

  /** Does its tasks, and sees what happens to connections and to their subscriptions of topics; nothing else wakes it. */
  private createConnections(): SluiceFunction {
    const { config, data, messaging, api, functionsDirectory } = this.props
    const handler = new SluiceFunction(this, 'ConnectionsFunction', {
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

  /** Erases tenants. Nothing else may scan a table, or delete what it has not written. */
  private createErase(): SluiceFunction {
    const { config, data, messaging, api, functionsDirectory } = this.props
    const handler = new SluiceFunction(this, 'EraseFunction', {
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
}

/** Every door writes records; what they log makes one metric. */
function countAuditFailures({ api, config }: AgentsStackProps): IMetric {
  const [metric] = api.functions.map((door) => door.countLog('audit_failed', config))
  if (!metric) throw new Error('there are no doors')
  return metric
}
