import type { ConnectionTaskQueue } from './connection-task-queue.ts'

type Message = { QueueUrl: string; MessageBody: string; MessageGroupId: string; DelaySeconds: number }

/** The tasks' queue on SQS. The tenant is the message group, so a tenant with many viewers does not delay the others (fair queues). */
export function sqsConnectionTaskQueue(send: (message: Message) => Promise<void>, queueUrl: string): ConnectionTaskQueue {
  return {
    async send(tasks, delaySeconds = 0) {
      await Promise.all(
        tasks.map((task) =>
          send({
            QueueUrl: queueUrl,
            MessageBody: JSON.stringify(task),
            MessageGroupId: 'tenant' in task ? task.tenant : task.connectionId,
            DelaySeconds: delaySeconds,
          }),
        ),
      )
    },
  }
}
