import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { IQueue } from 'aws-cdk-lib/aws-sqs'
import { acknowledge } from './acknowledge.ts'
import type { SluiceFunction } from './sluice-function.ts'

/** Messages, or executions, that one invocation takes at most; it works on all of them at once. */
const BATCH_SIZE = 10

/**
 * Takes up to ten messages as soon as there is one; what failed goes back to the queue alone.
 *
 * @param maxConcurrency - invocations at once, at least 2
 */
export function consumeQueue(handler: SluiceFunction, queue: IQueue, maxConcurrency: number): void {
  handler.function.addEventSource(
    new SqsEventSource(queue, { batchSize: BATCH_SIZE, reportBatchItemFailures: true, maxConcurrency }),
  )
  acknowledge(handler, {
    'Serverless-LambdaEventSourceMappingDestination': 'mappings of SQS have no destination: the queue has its dead-letter queue',
  })
}
