import type { ProbeItem, WorkItem, WorkQueue } from './work-queue.ts'

/** A queue that keeps what was sent, for tests. */
export function memoryWorkQueue(): WorkQueue & { readonly sent: WorkItem[]; readonly probes: ProbeItem[] } {
  const sent: WorkItem[] = []
  const probes: ProbeItem[] = []
  return {
    sent,
    probes,
    async send(item) {
      sent.push({ ...item })
    },
    async probe(item) {
      probes.push({ ...item })
    },
  }
}
