import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { changesDeadLetterQueueName, functionOutput, OUTPUT, sweepDeadLetterQueueName } from '#shared/platform/names.ts'
import { consumeQueue } from '../constructs/consume-queue.ts'
import { deadLetterQueue } from '../constructs/dead-letter-queue.ts'
import type { SluiceFunction } from '../constructs/sluice-function.ts'
import { SluiceStack } from '../constructs/sluice-stack.ts'
import { Alarms, platformAlarms } from '../monitoring/alarms.ts'
import { changesFunction } from '../workers/changes-function.ts'
import { connectionsFunction } from '../workers/connections-function.ts'
import { deliverFunction } from '../workers/deliver-function.ts'
import { dispatchFunction } from '../workers/dispatch-function.ts'
import { eraseFunction } from '../workers/erase-function.ts'
import { executeFunction } from '../workers/execute-function.ts'
import { sweepFunction } from '../workers/sweep-function.ts'
import type { WorkerProps } from '../workers/worker-props.ts'

/** Erasures at once, in the whole account: the least that an event source mapping takes. */
const ERASURES_AT_ONCE = 2

/** The workers: from messages to executions, from executions to streams, and what repairs both. */
export class AgentsStack extends SluiceStack {
  readonly functions: SluiceFunction[]
  readonly sweepDeadLetters: Queue
  readonly changesDeadLetters: Queue

  constructor(scope: Construct, props: WorkerProps) {
    super(scope, 'Agents', props.config, 'Sluice: functions that work in the background')
    const { config, messaging } = props
    const dispatch = dispatchFunction(this, props)
    consumeQueue(dispatch, messaging.ingress.queue, config.maxConcurrency)
    const execute = executeFunction(this, props)
    consumeQueue(execute, messaging.work.queue, config.maxWorkers)
    this.sweepDeadLetters = deadLetterQueue(this, 'SweepDeadLetters', sweepDeadLetterQueueName(config.platform))
    const sweep = sweepFunction(this, props, this.sweepDeadLetters)
    const deliver = deliverFunction(this, props)
    consumeQueue(deliver, messaging.deliveries.queue, config.maxConcurrency)
    this.changesDeadLetters = deadLetterQueue(this, 'ChangesDeadLetters', changesDeadLetterQueueName(config.platform))
    const changes = changesFunction(this, props, this.changesDeadLetters)
    const connections = connectionsFunction(this, props)
    consumeQueue(connections, messaging.connections.queue, config.maxConcurrency)
    const erase = eraseFunction(this, props)
    consumeQueue(erase, messaging.erasures.queue, ERASURES_AT_ONCE)
    this.functions = [dispatch, execute, sweep, deliver, changes, connections, erase]
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
      budgetExceeded: countSpentBudgets(execute, props),
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
}

/** Every door writes records; what they log makes one metric. */
function countAuditFailures({ api, config }: WorkerProps): IMetric {
  const [metric] = api.functions.map((door) => door.countLog('audit_failed', config))
  if (!metric) throw new Error('there are no doors')
  return metric
}

/** Calls of models are made by the workers and by the door that answers within a request; agents in code count theirs with them. */
function countSpentBudgets(execute: SluiceFunction, { api, config }: WorkerProps): IMetric {
  for (const door of api.functions) if (door.function === api.streamFunction) door.countLog('budget_exceeded', config)
  return execute.countLog('budget_exceeded', config)
}
