import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'

/** A queue that keeps what failed for 14 days, the longest SQS offers. */
export function deadLetterQueue(scope: Construct, id: string, queueName: string): Queue {
  const queue = new Queue(scope, id, {
    queueName,
    retentionPeriod: Duration.days(14),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  })
  acknowledge(queue, {
    'AwsSolutions-SQS3': 'this is a dead-letter queue',
    'Serverless-SQSRedrivePolicy': 'this is a dead-letter queue',
  })
  return queue
}
