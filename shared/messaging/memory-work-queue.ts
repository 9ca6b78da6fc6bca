import type { ProbeItem, RegisterItem, WorkItem, WorkQueue } from './work-queue.ts'

/** A queue that keeps what was sent, for tests. */
export function memoryWorkQueue(): WorkQueue & {
  readonly sent: WorkItem[]
  readonly probes: ProbeItem[]
  readonly registrations: RegisterItem[]
} {
  const sent: WorkItem[] = []
  const probes: ProbeItem[] = []
  const registrations: RegisterItem[] = []
  return {
    sent,
    probes,
    registrations,
    async send(item) {
      sent.push({ ...item })
    },
    async probe(item) {
      probes.push({ ...item })
    },
    async register(item) {
      registrations.push({ ...item })
    },
  }
}
