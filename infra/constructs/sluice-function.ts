import { type IMetric, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { type ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  RecursiveLoop,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { Duration } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { type AgentFolder, ENV, type FunctionName, functionName, type ToolFolder } from '#shared/platform/names.ts'
import type { StageConfig } from '../stage-config.ts'
import { acknowledge } from './acknowledge.ts'
import { removalPolicy } from './removal.ts'

export type SluiceFunctionProps = {
  config: StageConfig
  /** Folder under `functions/` with the handler. */
  name: FunctionName | AgentFolder | ToolFolder
  /** One line for the AWS console. */
  description: string
  /** Directory of the bundles, the same for all functions. */
  directory: string
  /** Longest invocation, in seconds. */
  timeoutSeconds: number
  /** Memory in MB; the share of CPU grows with it (1,769 MB are one core). @default 1024 */
  memorySize?: number
  /** Invocations at once, which no other function of the account can take, and beyond which callers are refused. @default as many as there are */
  reservedConcurrency?: number | undefined
  /** Environment besides stage and platform. Keys are of `ENV`. */
  environment: Record<string, string>
  /**
   * Who waits for the answer. `caller`: API Gateway, a function URL. `queue`: an event source mapping, whose queue has the dead-letter
   * queue. `stream`: an event source mapping with a destination of its own. Otherwise the queue that keeps the events of asynchronous invocations that failed.
   */
  failures: 'caller' | 'queue' | 'stream' | IQueue
}

/**
 * What a function may do with a table; transactions are allowed by their parts. Nobody scans but the erasure of tenants: every other read is by
 * key or by index.
 */
export type TableAction =
  | 'Scan'
  | 'BatchWriteItem'
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem'

/**
 * A function of Sluice: ARM64, Node 24, JSON logs kept as long as the stage says, X-Ray tracing, a role of its own that may write to
 * its own log group and nothing else until it is granted.
 */
export class SluiceFunction extends Construct {
  readonly function: LambdaFunction
  private readonly role: Role
  private readonly logGroup: LogGroup

  constructor(scope: Construct, id: string, props: SluiceFunctionProps) {
    super(scope, id)
    const { config, name, failures } = props
    const logGroup = this.createLogGroup(config, name)
    this.logGroup = logGroup
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
    logGroup.grantWrite(this.role)

    this.function = new LambdaFunction(this, 'Function', {
      functionName: functionName(config.platform, name),
      description: props.description,
      code: Code.fromAsset(props.directory),
      handler: `${name}/handler.handler`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(props.timeoutSeconds),
      memorySize: props.memorySize ?? 1024,
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      environment: {
        [ENV.stage]: config.stage,
        [ENV.platform]: config.platform,
        ...(config.redactPatterns.length > 0 && { [ENV.redactPatterns]: JSON.stringify(config.redactPatterns) }),
        ...props.environment,
      },
      // Whoever ends an execution queues the next one, long work queues itself, and so do deliveries that wait: Lambda takes that for a loop, and
      // drops what is in the sixteenth invocation. Ours end by themselves: attempts, deadlines and the depth of chains are limited.
      ...(failures === 'queue' && { recursiveLoop: RecursiveLoop.ALLOW }),
      ...(typeof failures === 'string' ? {} : { onFailure: new SqsDestination(failures), retryAttempts: 0 }),
    })
    acknowledge(this, {
      'AwsSolutions-IAM5[Resource::*]': 'xray:PutTraceSegments and xray:PutTelemetryRecords have no resource to name',
      'Serverless-LambdaDLQ': FAILURE_REASONS[typeof failures === 'string' ? failures : 'destination'],
    })
  }

  /** Lets the function do exactly `actions` on a table, or on one of its indexes. */
  allowTable(table: Table, actions: TableAction[], indexName?: string): void {
    const resource = indexName === undefined ? table.tableArn : `${table.tableArn}/index/${indexName}`
    this.allow(
      actions.map((action) => `dynamodb:${action}`),
      resource,
    )
  }

  /** Lets the function do exactly `actions` on exactly `resources`. */
  allow(actions: string[], ...resources: string[]): void {
    this.role.addToPolicy(new PolicyStatement({ actions, resources }))
  }

  /** Gives the function a policy that it shares with others. */
  attach(policy: ManagedPolicy): void {
    this.role.addManagedPolicy(policy)
  }

  /** Lines of the log with this code, as a metric that all functions of the platform share. */
  countLog(code: string, { platform }: StageConfig): IMetric {
    const pattern = FilterPattern.stringValue('$.message', '=', code)
    const props = { logGroup: this.logGroup, filterPattern: pattern, metricNamespace: platform, metricName: code }
    return new MetricFilter(this, code, props).metric({ statistic: Stats.SUM, period: Duration.minutes(1) })
  }

  private createLogGroup(config: StageConfig, name: FunctionName | AgentFolder | ToolFolder): LogGroup {
    return new LogGroup(this, 'LogGroup', {
      logGroupName: `/aws/lambda/${functionName(config.platform, name)}`,
      retention: config.logRetentionDays,
      removalPolicy: removalPolicy(config),
    })
  }
}

const FAILURE_REASONS = {
  caller: 'invoked synchronously: the caller gets the error',
  queue: 'invoked by an event source mapping: what fails goes back to its queue, and from there to the dead-letter queue',
  stream: 'invoked by an event source mapping, which has a destination for what failed for too long',
  destination: 'an on-failure destination keeps more than a dead-letter queue: the event and the error',
}
