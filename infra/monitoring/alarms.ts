import { Alarm, ComparisonOperator, type IAlarmAction, type IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Aws, Duration } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { acknowledge } from '../constructs/acknowledge.ts'
import type { QueueWithDeadLetters } from '../constructs/queue-with-dead-letters.ts'
import type { SluiceFunction } from '../constructs/sluice-function.ts'
import type { StageConfig } from '../stage-config.ts'

/** `high`: work is lost or stands still, look now. `low`: look in working hours. */
type Severity = 'high' | 'low'

export type AlarmSpec = {
  /** Alarm name after the platform's; unique. */
  name: string
  severity: Severity
  /** What it means, in one sentence. */
  meaning: string
  /** Heading of docs/runbook.md, as an anchor. */
  runbook: string
  metric: IMetric
  /** The alarm goes off at values greater than this, in the metric's unit, in each of `periods`. */
  above: number
  periods: number
}

export type AlarmsProps = {
  config: StageConfig
  specs: AlarmSpec[]
}

/** The platform's own queues and workers. */
export type PlatformParts = {
  ingress: QueueWithDeadLetters
  work: QueueWithDeadLetters
  deliveries: QueueWithDeadLetters
  connectionTasks: QueueWithDeadLetters
  erasures: QueueWithDeadLetters
  sweepDeadLetters: Queue
  changesDeadLetters: Queue
  dispatch: SluiceFunction
  execute: SluiceFunction
  deliver: SluiceFunction
  changes: SluiceFunction
  connections: SluiceFunction
  erase: SluiceFunction
  /** Records that could not be stored, and items that were tampered with. */
  auditFailed: IMetric
  auditTampered: IMetric
  /** Budgets that were spent, each once in its period. */
  budgetExceeded: IMetric
}

const RUNBOOK = 'docs/runbook.md'
const PERIOD = Duration.minutes(1)
/** Seconds that a message may wait. Ingress is short work; a work item may wait for a free worker, and counts while it is being run. */
const OLDEST_INGRESS_SECONDS = 60
const OLDEST_WORK_SECONDS = 900
const OLDEST_CONNECTION_TASK_SECONDS = 60
/** Milliseconds that a change may wait: replies and callbacks wait with it. */
const OLDEST_CHANGE_MS = 60_000

/** Alarms of a stack. They notify when the stage has an address. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id)
    const { config, specs } = props
    const action = config.alarmEmail === undefined ? undefined : new SnsAction(this.createTopic(config.alarmEmail))
    for (const spec of specs) this.add(spec, config.platform, action)
  }

  private add(spec: AlarmSpec, platform: string, action: IAlarmAction | undefined): void {
    const alarm = new Alarm(this, spec.name, {
      alarmName: `${platform}-${spec.name}`,
      alarmDescription: `[${spec.severity}] ${spec.meaning} Runbook: ${RUNBOOK}#${spec.runbook}`,
      metric: spec.metric,
      threshold: spec.above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: spec.periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    if (action !== undefined) alarm.addAlarmAction(action)
  }

  private createTopic(email: string): Topic {
    const topic = new Topic(this, 'Topic', { displayName: 'Alarms of Sluice', enforceSSL: true })
    // A topic policy replaces the default one, under which CloudWatch of the same account may publish.
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
    )
    topic.addSubscription(new EmailSubscription(email))
    acknowledge(topic, { 'Serverless-SNSRedrivePolicy': 'an alarm that could not be mailed still shows in CloudWatch' })
    return topic
  }
}

/** Alarms of what every stage has. */
export function platformAlarms(props: PlatformParts): AlarmSpec[] {
  const { ingress, work, deliveries, connectionTasks, erasures, sweepDeadLetters, changesDeadLetters } = props
  const { dispatch, execute, deliver, changes, connections, erase, auditFailed, auditTampered, budgetExceeded } = props
  return [
    deadLetters('ingress-dead-letters', 'high', ingress.deadLetters, 'Messages could not be dispatched.'),
    deadLetters('work-dead-letters', 'high', work.deadLetters, 'Executions could not be run.'),
    deadLetters('delivery-dead-letters', 'high', deliveries.deadLetters, 'Callbacks or webhooks could not be handled.'),
    deadLetters('sweep-dead-letters', 'low', sweepDeadLetters, 'The sweeper failed.'),
    deadLetters('changes-dead-letters', 'high', changesDeadLetters, 'From some changes nothing could follow.'),
    deadLetters('connections-dead-letters', 'high', connectionTasks.deadLetters, 'Something was not done for connections.'),
    {
      ...deadLetters('erasure-dead-letters', 'high', erasures.deadLetters, 'A tenant is not being erased.'),
      runbook: 'erasure-of-a-tenant',
    },
    waiting('ingress-waiting', ingress.queue, OLDEST_INGRESS_SECONDS, 'Messages wait to be dispatched.'),
    waiting('work-waiting', work.queue, OLDEST_WORK_SECONDS, 'Executions wait for a worker.'),
    waiting('connections-waiting', connectionTasks.queue, OLDEST_CONNECTION_TASK_SECONDS, 'Viewers of crowded channels wait.'),
    failing('dispatch-errors', dispatch, 'Dispatch fails as a whole.'),
    failing('execute-errors', execute, 'Execute fails as a whole.'),
    failing('deliver-errors', deliver, 'Deliver fails as a whole.'),
    failing('changes-errors', changes, 'Changes fails as a whole.'),
    failing('connections-errors', connections, 'Connections fails as a whole.'),
    // It is hardly ever called, and comes again after its timeout at the soonest: one failure is enough.
    { ...failing('erase-errors', erase, 'Erase fails as a whole.'), periods: 1 },
    behind('changes-behind', 'changes-behind', changes, 'Lifecycle events, replies and callbacks come late.'),
    behind('connections-behind', 'connections', connections, 'What addresses of connections ask for begins late.'),
    throttled('execute-throttles', execute, 'The account has no concurrency left for workers.'),
    logged('audit-failed', auditFailed, 'Calls were answered whose audit records stand in the log alone.'),
    logged('audit-tampered', auditTampered, 'Somebody changed or removed an item of the audit log.'),
    {
      ...logged('budget-exceeded', budgetExceeded, 'A budget is spent: where it stops, calls of models are refused.'),
      severity: 'low',
    },
  ]
}

/** Alarms of one agent in code. */
export function agentAlarms({ agentId, queue, function: handler }: AgentParts): AlarmSpec[] {
  const name = `agent-${agentId}`
  return [
    deadLetters(`${name}-dead-letters`, 'high', queue.deadLetters, `Work of the agent ${agentId} could not be done.`),
    waiting(`${name}-waiting`, queue.queue, OLDEST_WORK_SECONDS, `Work waits for the agent ${agentId}.`),
    failing(`${name}-errors`, handler, `The function of the agent ${agentId} fails as a whole.`),
  ].map((spec) => ({ ...spec, runbook: 'agents-in-code' }))
}

/** Alarms of one tool in code. What goes wrong in a call is an answer; these are functions that break down, or are refused. */
export function toolAlarms({ toolId, function: handler }: { toolId: string; function: SluiceFunction }): AlarmSpec[] {
  return [
    failing(`tool-${toolId}-errors`, handler, `The function of the tool ${toolId} fails as a whole.`),
    throttled(`tool-${toolId}-throttles`, handler, `The tool ${toolId} has no concurrency left.`),
  ].map((spec) => ({ ...spec, severity: 'low', runbook: 'tools' }))
}

/** What of an agent in code is watched. */
type AgentParts = { agentId: string; queue: QueueWithDeadLetters; function: SluiceFunction }

function deadLetters(name: string, severity: Severity, queue: Queue, meaning: string): AlarmSpec {
  const metric = queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: Stats.MAXIMUM })
  return { name, severity, meaning, runbook: 'dead-letters', metric, above: 0, periods: 1 }
}

function waiting(name: string, queue: Queue, seconds: number, meaning: string): AlarmSpec {
  const metric = queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: Stats.MAXIMUM })
  return { name, severity: 'high', meaning, runbook: 'messages-wait', metric, above: seconds, periods: 3 }
}

function failing(name: string, handler: SluiceFunction, meaning: string): AlarmSpec {
  const metric = handler.function.metricErrors({ period: PERIOD, statistic: Stats.SUM })
  return { name, severity: 'high', meaning, runbook: 'function-errors', metric, above: 0, periods: 3 }
}

function behind(name: string, runbook: string, handler: SluiceFunction, meaning: string): AlarmSpec {
  const metric = handler.function.metric('IteratorAge', { period: PERIOD, statistic: Stats.MAXIMUM })
  return { name, severity: 'high', meaning, runbook, metric, above: OLDEST_CHANGE_MS, periods: 3 }
}

function throttled(name: string, handler: SluiceFunction, meaning: string): AlarmSpec {
  const metric = handler.function.metricThrottles({ period: PERIOD, statistic: Stats.SUM })
  return { name, severity: 'low', meaning, runbook: 'throttling', metric, above: 0, periods: 5 }
}

/** Goes off at the first line of the log. */
function logged(name: string, metric: IMetric, meaning: string): AlarmSpec {
  return { name, severity: 'high', meaning, runbook: name, metric, above: 0, periods: 1 }
}
