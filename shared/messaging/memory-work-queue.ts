import type { WorkItem, WorkQueue } from './work-queue.ts'

/** A queue that keeps what was sent, for tests. */
export function memoryWorkQueue(): WorkQueue & { readonly sent: WorkItem[] } {
  const sent: WorkItem[] = []
  return {
    sent,
    async send(item) {
      sent.push({ ...item })
    },
  }
}
