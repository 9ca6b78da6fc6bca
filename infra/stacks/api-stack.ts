import {
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  type ThrottleSettings,
  WebSocketApi,
  WebSocketStage,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { ManagedPolicy } from 'aws-cdk-lib/aws-iam'
import { type FunctionUrl, FunctionUrlAuthType, InvokeMode, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { CrossStackReferences, ReferenceStrength } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { ENV, functionOutput, INDEX, OUTPUT, webhookSecretName } from '#shared/platform/names.ts'
import { SOCKET_STAGE } from '#shared/protocol/routes.ts'
import { accessEnvironment } from '../constructs/access-environment.ts'
import { accessLogGroup, HTTP_LOG_FORMAT, SOCKET_LOG_FORMAT } from '../constructs/access-log.ts'
import { acknowledge } from '../constructs/acknowledge.ts'
import { allowAgentQueues } from '../constructs/allow-agent-queues.ts'
import { allowDeadLetters } from '../constructs/allow-dead-letters.ts'
import { allowQueueDepths, allowSecretStates } from '../constructs/allow-figures.ts'
import { allowProviders } from '../constructs/allow-providers.ts'
import { allowTools } from '../constructs/allow-tools.ts'
import { auditEnvironment } from '../constructs/audit-environment.ts'
import { connectionsPolicy } from '../constructs/connections-policy.ts'
import { GatewayAccount } from '../constructs/gateway-account.ts'
import { KEEP_ALIVE_SELECTION, KeepAliveRoute } from '../constructs/keep-alive-route.ts'
import { limitsEnvironment } from '../constructs/limits-environment.ts'
import { modelEnvironment } from '../constructs/model-environment.ts'
import { retentionEnvironment } from '../constructs/retention-environment.ts'
import { SluiceFunction } from '../constructs/sluice-function.ts'
import { SluiceStack } from '../constructs/sluice-stack.ts'
import { declaredAgents } from '../declared-agents.ts'
import type { StageConfig } from '../stage-config.ts'
import type { DataStack } from './data-stack.ts'
import type { MessagingStack } from './messaging-stack.ts'

export type ApiStackProps = {
  config: StageConfig
  data: DataStack
  messaging: MessagingStack
  /** Directory of the bundled functions. */
  functionsDirectory: string
}

/** API Gateway waits 30 s for an HTTP API and 29 s for a WebSocket API; a function that runs longer works for nobody. */
const REQUEST_TIMEOUT_SECONDS = 29
/** Server-Sent Events run as long as Lambda allows; clients come back with their cursor. */
const STREAM_TIMEOUT_SECONDS = 900

const TOKENS_VERIFIED = 'the handler verifies tokens and tickets itself, so that there is no second function to run and pay'

/** The doors: HTTP API, WebSocket API, and the function URL for Server-Sent Events. */
export class ApiStack extends SluiceStack {
  readonly httpApi: HttpApi
  readonly socketApi: WebSocketApi
  /** Lets a function post to sockets. */
  readonly connections: ManagedPolicy
  readonly streamUrl: FunctionUrl
  readonly streamFunction: LambdaFunction
  readonly functions: SluiceFunction[]
  private readonly props: ApiStackProps

  constructor(scope: Construct, props: ApiStackProps) {
    super(scope, 'Api', props.config, 'Sluice: HTTP, WebSocket and SSE doors')
    this.props = props
    this.socketApi = new WebSocketApi(this, 'SocketApi', {
      apiName: `${props.config.platform}-socket`,
      routeSelectionExpression: KEEP_ALIVE_SELECTION,
    })
    this.connections = connectionsPolicy(this, 'ConnectionsPolicy', this.socketApi)
    const socket = this.createSocketFunction()
    this.addSocketRoutes(socket)
    const http = this.createHttpFunction()
    this.httpApi = this.createHttpApi(http)
    const stream = this.createStreamFunction()
    this.streamFunction = stream.function
    this.streamUrl = stream.function.addFunctionUrl({
      authType: FunctionUrlAuthType.AWS_IAM,
      invokeMode: InvokeMode.RESPONSE_STREAM,
    })
    // The front door splits this address, and `Fn::Split` is documented for imported values, not for `Fn::GetStackOutput`.
    CrossStackReferences.of(this.streamUrl).produce(ReferenceStrength.STRONG)
    this.functions = [http, socket, stream]

    this.output(OUTPUT.httpApiId, this.httpApi.apiId)
    this.output(OUTPUT.httpApiUrl, this.httpApi.apiEndpoint)
    this.output(OUTPUT.socketApiId, this.socketApi.apiId)
    this.output(OUTPUT.socketApiUrl, `${this.socketApi.apiEndpoint}/${SOCKET_STAGE}`)
    this.output(OUTPUT.streamFunctionUrl, this.streamUrl.url)
    this.output(functionOutput('http'), http.function.functionName)
    this.output(functionOutput('socket'), socket.function.functionName)
    this.output(functionOutput('stream'), stream.function.functionName)
  }

  private createHttpFunction(): SluiceFunction {
    const { config, data, messaging, functionsDirectory } = this.props
    const handler = new SluiceFunction(this, 'HttpFunction', {
      config,
      name: 'http',
      description: 'Requests of the HTTP API',
      directory: functionsDirectory,
      timeoutSeconds: REQUEST_TIMEOUT_SECONDS,
      failures: 'caller',
      environment: {
        [ENV.registryTable]: data.registry.tableName,
        [ENV.executionsTable]: data.executions.tableName,
        ...retentionEnvironment(config, 'conversations', 'deliveries'),
        [ENV.streamsTable]: data.streams.tableName,
        ...auditEnvironment(data, config),
        [ENV.busName]: messaging.bus.eventBusName,
        [ENV.artifactsBucket]: data.artifacts.bucketName,
        [ENV.erasureQueueUrl]: messaging.erasures.queue.queueUrl,
        [ENV.workQueueUrl]: messaging.work.queue.queueUrl,
        [ENV.connectionsQueueUrl]: messaging.connections.queue.queueUrl,
        ...accessEnvironment(config),
        ...limitsEnvironment(config),
        [ENV.corsOrigins]: config.corsOrigins.join(','),
        [ENV.webhookSecretName]: webhookSecretName(config.platform),
        [ENV.maxAgentsPerTenant]: String(config.maxAgentsPerTenant),
        [ENV.executionTimeoutSeconds]: String(config.executionTimeoutSeconds),
        [ENV.providerTimeoutSeconds]: String(config.providerTimeoutSeconds),
        ...modelEnvironment(config),
        [ENV.allowPrivateCallbacks]: String(config.stage === 'local'),
        [ENV.declaredAgents]: JSON.stringify(declaredAgents(config).map(({ id }) => id)),
        ...(config.defaultModel !== undefined && { [ENV.defaultModel]: config.defaultModel }),
      },
    })
    handler.allowTable(data.registry, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    handler.allowTable(data.executions, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    for (const index of [INDEX.agent, INDEX.tenant, INDEX.topic, INDEX.correlation])
      handler.allowTable(data.executions, ['Query'], index)
    handler.allowTable(data.streams, ['GetItem', 'Query', 'PutItem', 'UpdateItem'])
    handler.allowTable(data.audit, ['PutItem', 'Query'])
    handler.allow(['events:PutEvents', 'events:DescribeEventBus'], messaging.bus.eventBusArn)
    handler.allow(['sqs:SendMessage', 'sqs:GetQueueAttributes'], messaging.work.queue.queueArn)
    const queues = [messaging.ingress.queue, messaging.connections.queue, messaging.erasures.queue]
    handler.allow(['sqs:SendMessage'], ...queues.map((queue) => queue.queueArn))
    allowDeadLetters(handler, messaging, config)
    allowQueueDepths(handler, messaging, config)
    allowSecretStates(handler, data, config)
    allowAgentQueues(handler, config)
    handler.allow(['secretsmanager:GetSecretValue'], data.tokenSecret.secretArn, data.webhookSecret.secretArn)
    handler.attach(data.writeArtifacts)
    return handler
  }

  private createSocketFunction(): SluiceFunction {
    const { config, data, messaging, functionsDirectory } = this.props
    const handler = new SluiceFunction(this, 'SocketFunction', {
      config,
      name: 'socket',
      description: 'Connections and frames of the WebSocket API',
      directory: functionsDirectory,
      timeoutSeconds: REQUEST_TIMEOUT_SECONDS,
      failures: 'caller',
      environment: {
        [ENV.registryTable]: data.registry.tableName,
        [ENV.executionsTable]: data.executions.tableName,
        ...retentionEnvironment(config, 'conversations'),
        [ENV.streamsTable]: data.streams.tableName,
        ...auditEnvironment(data, config),
        [ENV.workQueueUrl]: messaging.work.queue.queueUrl,
        [ENV.connectionsQueueUrl]: messaging.connections.queue.queueUrl,
        [ENV.socketApiId]: this.socketApi.apiId,
        [ENV.socketEndpoints]: JSON.stringify(config.endpoints),
        ...accessEnvironment(config),
        ...limitsEnvironment(config),
        [ENV.busName]: messaging.bus.eventBusName,
        [ENV.artifactsBucket]: data.artifacts.bucketName,
        [ENV.allowPrivateCallbacks]: String(config.stage === 'local'),
      },
    })
    handler.allowTable(data.registry, ['GetItem', 'Query', 'UpdateItem'])
    handler.allowTable(data.executions, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'])
    handler.allowTable(data.streams, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'])
    for (const index of [INDEX.agent, INDEX.tenant, INDEX.correlation]) handler.allowTable(data.executions, ['Query'], index)
    handler.allowTable(data.audit, ['PutItem'])
    handler.allow(['events:PutEvents'], messaging.bus.eventBusArn)
    handler.attach(data.writeArtifacts)
    handler.allow(['sqs:SendMessage'], messaging.work.queue.queueArn, messaging.connections.queue.queueArn)
    allowAgentQueues(handler, config)
    handler.allow(['secretsmanager:GetSecretValue'], data.tokenSecret.secretArn)
    handler.attach(this.connections)
    return handler
  }

  private createStreamFunction(): SluiceFunction {
    const { config, data, messaging, functionsDirectory } = this.props
    const handler = new SluiceFunction(this, 'StreamFunction', {
      config,
      name: 'stream',
      description: 'Server-Sent Events, and executions that run within their answer',
      directory: functionsDirectory,
      timeoutSeconds: STREAM_TIMEOUT_SECONDS,
      memorySize: 512,
      reservedConcurrency: config.maxStreams,
      failures: 'caller',
      environment: {
        [ENV.registryTable]: data.registry.tableName,
        [ENV.executionsTable]: data.executions.tableName,
        ...retentionEnvironment(config, 'conversations'),
        [ENV.streamsTable]: data.streams.tableName,
        ...auditEnvironment(data, config),
        [ENV.workQueueUrl]: messaging.work.queue.queueUrl,
        [ENV.socketApiId]: this.socketApi.apiId,
        [ENV.connectionsQueueUrl]: messaging.connections.queue.queueUrl,
        ...accessEnvironment(config),
        ...limitsEnvironment(config),
        [ENV.corsOrigins]: config.corsOrigins.join(','),
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
    handler.allowTable(data.audit, ['PutItem'])
    handler.allow(['sqs:SendMessage'], messaging.work.queue.queueArn, messaging.connections.queue.queueArn)
    allowAgentQueues(handler, config)
    handler.allow(['secretsmanager:GetSecretValue'], data.tokenSecret.secretArn)
    allowProviders(handler, config)
    allowTools(handler, config)
    handler.attach(data.writeArtifacts)
    handler.attach(this.connections)
    return handler
  }

  private createHttpApi(handler: SluiceFunction): HttpApi {
    const { config } = this.props
    const api = new HttpApi(this, 'HttpApi', { apiName: `${config.platform}-http`, createDefaultStage: false })
    const integration = new HttpLambdaIntegration('HttpIntegration', handler.function, { scopePermissionToRoute: false })
    api.addRoutes({ path: '/v1/{proxy+}', methods: [HttpMethod.ANY], integration })
    api.addRoutes({ path: '/realtime/{proxy+}', methods: [HttpMethod.ANY], integration })
    api.addRoutes({ path: '/orchestrator/{proxy+}', methods: [HttpMethod.ANY], integration })
    api.addRoutes({ path: '/agents', methods: [HttpMethod.ANY], integration })
    api.addRoutes({ path: '/agents/{proxy+}', methods: [HttpMethod.ANY], integration })
    api.addRoutes({ path: '/tasks/{proxy+}', methods: [HttpMethod.ANY], integration })
    api.addRoutes({ path: '/graphql', methods: [HttpMethod.POST, HttpMethod.OPTIONS], integration })
    api.addRoutes({ path: '/health', methods: [HttpMethod.GET, HttpMethod.OPTIONS], integration })
    api.addRoutes({ path: '/ready', methods: [HttpMethod.GET, HttpMethod.OPTIONS], integration })
    api.addRoutes({ path: '/metrics', methods: [HttpMethod.GET, HttpMethod.OPTIONS], integration })
    new HttpStage(this, 'HttpStage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: this.throttle(),
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogGroup(this, 'HttpAccessLog', config, 'http')),
        format: HTTP_LOG_FORMAT,
      },
    })
    acknowledge(api, { 'AwsSolutions-APIG4': TOKENS_VERIFIED })
    return api
  }

  private addSocketRoutes(handler: SluiceFunction): void {
    const { config } = this.props
    const route = () => ({ integration: new WebSocketLambdaIntegration('SocketIntegration', handler.function) })
    this.socketApi.addRoute('$connect', route())
    this.socketApi.addRoute('$disconnect', route())
    this.socketApi.addRoute('$default', route())
    new KeepAliveRoute(this.socketApi, 'KeepAlive', { api: this.socketApi, isEmulated: config.stage === 'local' })
    const stage = new WebSocketStage(this, 'SocketStage', {
      webSocketApi: this.socketApi,
      stageName: SOCKET_STAGE,
      autoDeploy: true,
      throttle: this.throttle(),
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogGroup(this, 'SocketAccessLog', config, 'socket')),
        format: SOCKET_LOG_FORMAT,
      },
    })
    stage.node.addDependency(new GatewayAccount(this, 'GatewayAccount'))
    acknowledge(this.socketApi, { 'AwsSolutions-APIG4': TOKENS_VERIFIED })
  }

  private throttle(): ThrottleSettings {
    return { rateLimit: this.props.config.requestsPerSecond, burstLimit: this.props.config.requestBurst }
  }
}
