import { agentQueueName, workQueueName } from '#shared/platform/names.ts'
import type { SqsSender } from './sqs-sender.ts'
import type { ProbeItem, RegisterItem, WorkItem, WorkQueue } from './work-queue.ts'

/** What SQS says of a queue that is not there, or that the function may not send to because it is not deployed any more. */
const NO_QUEUE: ReadonlySet<unknown> = new Set(['QueueDoesNotExist', 'AccessDenied', 'AccessDeniedException'])

/**
 * The work queues on SQS. The tenant is the message group: on a standard queue this keeps one busy tenant from delaying the others
 * (fair queues), and orders nothing.
 *
 * Work for an agent in code that is not deployed any more goes to the shared worker, which ends it as failed: nobody else would, and whoever
 * sends it has the work of others to see to.
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
    async send({ tenant, executionId, agentId, worker, admit }, delaySeconds) {
      const item = { tenant, executionId, agentId, worker, admit }
      await sendTo(worker, item, delaySeconds).catch((error: unknown) => {
        const isGone = worker !== undefined && error instanceof Error && NO_QUEUE.has(error.name)
        if (!isGone) throw error
        return sendTo(undefined, item, delaySeconds)
      })
    },
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
