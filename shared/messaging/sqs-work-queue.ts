import { agentQueueName, workQueueName } from '#shared/platform/names.ts'
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
    probe: ({ worker, ...item }) =>
      send({ QueueUrl: queueUrlOf(queueUrl, worker), MessageBody: JSON.stringify(item), MessageGroupId: item.tenant }),
  }
}

/** Queues of declared agents stand beside the work queue. */
function queueUrlOf(workQueueUrl: string, worker: string | undefined): string {
  if (worker === undefined) return workQueueUrl
  const name = workQueueUrl.lastIndexOf('/') + 1
  const platform = workQueueUrl.slice(name, -workQueueName('').length)
  return `${workQueueUrl.slice(0, name)}${agentQueueName(platform, worker)}`
}
