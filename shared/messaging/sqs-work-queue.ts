import type { SqsSender } from './sqs-sender.ts'
import type { WorkQueue } from './work-queue.ts'

/**
 * The work queue on SQS. The tenant is the message group: on a standard queue this keeps one busy tenant from delaying the others
 * (fair queues), and orders nothing.
 */
export function sqsWorkQueue(send: SqsSender, queueUrl: string): WorkQueue {
  return {
    send: ({ tenant, executionId, agentId }) =>
      send({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ tenant, executionId, agentId }), MessageGroupId: tenant }),
  }
}
