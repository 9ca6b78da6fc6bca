import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Duration } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { deadLetterQueueName } from '#shared/platform/names.ts'
import { deadLetterQueue } from './dead-letter-queue.ts'

export type QueueWithDeadLettersProps = {
  queueName: string
  /** Time a consumer has for a message, in seconds; at least six times its function's timeout. */
  visibilityTimeoutSeconds: number
}

/**
 * Deliveries before a message goes to the dead-letter queue: AWS advises at least 5 behind a Lambda function. The first of them come within seconds
 * (`functions/handle-records.ts`), the others outlast an outage of ten minutes.
 */
const MAX_RECEIVE_COUNT = 8

/** A standard queue and its dead-letter queue, encrypted, TLS only. */
export class QueueWithDeadLetters extends Construct {
  readonly queue: Queue
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, props: QueueWithDeadLettersProps) {
    super(scope, id)
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', deadLetterQueueName(props.queueName))
    this.queue = new Queue(this, 'Queue', {
      queueName: props.queueName,
      visibilityTimeout: Duration.seconds(props.visibilityTimeoutSeconds),
      retentionPeriod: Duration.days(4),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    })
  }
}
