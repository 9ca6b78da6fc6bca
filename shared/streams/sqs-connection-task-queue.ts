import type { ConnectionTask, ConnectionTaskQueue } from './connection-task-queue.ts'

type Message = { QueueUrl: string; MessageBody: string; MessageGroupId: string; DelaySeconds: number }

/** All connections of which it is not known whose they are: a flood of them is one sender among many. */
const STRANGERS = 'strangers'

/** The tasks' queue on SQS. The tenant is the message group, so a tenant with many viewers does not delay the others (fair queues). */
export function sqsConnectionTaskQueue(send: (message: Message) => Promise<void>, queueUrl: string): ConnectionTaskQueue {
  return {
    async send(tasks, delaySeconds = 0) {
      await Promise.all(
        tasks.map((task) =>
          send({
            QueueUrl: queueUrl,
            MessageBody: JSON.stringify(task),
            MessageGroupId: groupOf(task),
            DelaySeconds: delaySeconds,
          }),
        ),
      )
    },
  }
}

function groupOf(task: ConnectionTask): string {
  if ('tenant' in task) return task.tenant
  return task.task === 'open' ? task.connectionId : STRANGERS
}
