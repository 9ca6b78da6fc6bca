import { EventBus, Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import type { Construct } from 'constructs'
import {
  busName,
  connectionsQueueName,
  deliveryQueueName,
  erasureQueueName,
  ingressQueueName,
  MESSAGE_SOURCE,
  OUTPUT,
  workQueueName,
} from '#shared/platform/names.ts'
import { QueueWithDeadLetters } from '../constructs/queue-with-dead-letters.ts'
import { SluiceStack } from '../constructs/sluice-stack.ts'
import type { StageConfig } from '../stage-config.ts'

/** Timeout of `dispatch`, in seconds: ten messages, a few writes each. */
export const DISPATCH_TIMEOUT_SECONDS = 30
/** Timeout of `deliver`, in seconds: ten addresses at once, each with ten seconds for its answer. */
export const DELIVER_TIMEOUT_SECONDS = 30

/** Timeout of `connections`, in seconds: a replay may be long, and so may a turn of posting to a shard of viewers. */
export const CONNECTIONS_TIMEOUT_SECONDS = 60

/** Timeout of `erase`, in seconds: as long as Lambda allows, since everything is looked at. */
export const ERASE_TIMEOUT_SECONDS = 900

/** The bus, the queue of messages that come in, and the queue of executions that wait for a worker. */
export class MessagingStack extends SluiceStack {
  readonly bus: EventBus
  readonly ingress: QueueWithDeadLetters
  readonly work: QueueWithDeadLetters
  /** Callbacks and events for webhooks. */
  readonly deliveries: QueueWithDeadLetters
  /** Erasures of tenants that go on. */
  readonly erasures: QueueWithDeadLetters
  /** What is done for connections in the background. */
  readonly connections: QueueWithDeadLetters

  constructor(scope: Construct, config: StageConfig) {
    super(scope, 'Messaging', config, 'Sluice: bus and queues')
    this.bus = new EventBus(this, 'Bus', { eventBusName: busName(config.platform) })
    this.ingress = new QueueWithDeadLetters(this, 'Ingress', {
      queueName: ingressQueueName(config.platform),
      visibilityTimeoutSeconds: DISPATCH_TIMEOUT_SECONDS * 6,
    })
    this.work = new QueueWithDeadLetters(this, 'Work', {
      queueName: workQueueName(config.platform),
      visibilityTimeoutSeconds: config.visibilityTimeoutSeconds,
    })
    this.deliveries = new QueueWithDeadLetters(this, 'Deliveries', {
      queueName: deliveryQueueName(config.platform),
      visibilityTimeoutSeconds: DELIVER_TIMEOUT_SECONDS * 6,
    })
    this.erasures = new QueueWithDeadLetters(this, 'Erasures', {
      queueName: erasureQueueName(config.platform),
      visibilityTimeoutSeconds: ERASE_TIMEOUT_SECONDS + 60,
    })
    this.connections = new QueueWithDeadLetters(this, 'Connections', {
      queueName: connectionsQueueName(config.platform),
      visibilityTimeoutSeconds: CONNECTIONS_TIMEOUT_SECONDS * 6,
    })
    new Rule(this, 'MessagesToIngress', {
      eventBus: this.bus,
      description: 'Published messages go to the ingress queue',
      eventPattern: { source: [MESSAGE_SOURCE] },
      targets: [new SqsQueue(this.ingress.queue, { deadLetterQueue: this.ingress.deadLetters })],
    })

    this.output(OUTPUT.busName, this.bus.eventBusName)
    this.output(OUTPUT.ingressQueueUrl, this.ingress.queue.queueUrl)
    this.output(OUTPUT.ingressDeadLetterQueueUrl, this.ingress.deadLetters.queueUrl)
    this.output(OUTPUT.workQueueUrl, this.work.queue.queueUrl)
    this.output(OUTPUT.workDeadLetterQueueUrl, this.work.deadLetters.queueUrl)
    this.output(OUTPUT.deliveryQueueUrl, this.deliveries.queue.queueUrl)
    this.output(OUTPUT.deliveryDeadLetterQueueUrl, this.deliveries.deadLetters.queueUrl)
    this.output(OUTPUT.erasureQueueUrl, this.erasures.queue.queueUrl)
    this.output(OUTPUT.erasureDeadLetterQueueUrl, this.erasures.deadLetters.queueUrl)
    this.output(OUTPUT.connectionsQueueUrl, this.connections.queue.queueUrl)
    this.output(OUTPUT.connectionsDeadLetterQueueUrl, this.connections.deadLetters.queueUrl)
  }
}
