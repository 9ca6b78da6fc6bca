import type { ConnectionTask, ConnectionTaskQueue } from './connection-task-queue.ts'

/** A queue that keeps what was sent, for tests. */
export function memoryConnectionTaskQueue(): ConnectionTaskQueue & {
  readonly sent: { task: ConnectionTask; delaySeconds: number }[]
} {
  const sent: { task: ConnectionTask; delaySeconds: number }[] = []
  return {
    sent,
    async send(tasks, delaySeconds = 0) {
      sent.push(...tasks.map((task) => ({ task, delaySeconds })))
    },
  }
}
