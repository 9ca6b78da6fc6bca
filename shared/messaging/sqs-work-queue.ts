import { agentQueueName, workQueueName } from '#shared/platform/names.ts'
import type { SqsSender } from './sqs-sender.ts'
import type { ProbeItem, RegisterItem, WorkItem, WorkQueue } from './work-queue.ts'

/**
 * The work queues on SQS. The tenant is the message group: on a standard queue this keeps one busy tenant from delaying the others
 * (fair queues), and orders nothing.
 */
export function sqsWorkQueue(send: SqsSender, queueUrl: string): WorkQueue {
  const sendTo = (worker: string | undefined, item: WorkItem | ProbeItem | RegisterItem, delaySeconds?: number): Promise<void> =>
    send({
      QueueUrl: queueUrlOf(queueUrl, worker),
      MessageBody: JSON.stringify(item),
      MessageGroupId: item.tenant,
      ...(delaySeconds !== undefined && { DelaySeconds: delaySeconds }),
    })
  return {
    send: ({ tenant, executionId, agentId, worker, admit }, delaySeconds) =>
      sendTo(worker, { tenant, executionId, agentId, worker, admit }, delaySeconds),
    probe: ({ worker, ...item }) => sendTo(worker, item),
    register: (item) => sendTo(item.agentId, item),
  }
}

/** Queues of declared agents stand beside the work queue. */
function queueUrlOf(workQueueUrl: string, worker: string | undefined): string {
  if (worker === undefined) return workQueueUrl
  const name = workQueueUrl.lastIndexOf('/') + 1
  const platform = workQueueUrl.slice(name, -workQueueName('').length)
  return `${workQueueUrl.slice(0, name)}${agentQueueName(platform, worker)}`
}
