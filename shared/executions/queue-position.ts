import type { Execution } from '#shared/protocol/execution.ts'
import type { AdmissionStore } from './admission-store.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** Where an execution stands among those that wait for its agent; undefined when it does not wait. */
export async function queuePosition(admission: AdmissionStore, record: ExecutionRecord): Promise<Execution['queue']> {
  if (record.place === undefined) return undefined
  const [before, gate] = await Promise.all([admission.countBefore(record), admission.gate(record)])
  return { position: before + 1, waiting: Math.max(before + 1, gate?.waiting ?? 0) }
}
