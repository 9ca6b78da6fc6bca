import type { AgentKey } from '#shared/agents/gate.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionKey } from './execution-store.ts'

/** An execution as the memory stores share it; they change it in place. */
export type MemoryExecution = {
  record: ExecutionRecord
  dueAt: number | undefined
  /** When it is over, in seconds since the epoch; never while it has not ended. */
  expiresAt?: number
}

/** The executions of one world in memory. A mailbox is those that have a place in it. */
export type MemoryExecutions = {
  find(key: ExecutionKey): MemoryExecution | undefined
  add(record: ExecutionRecord, dueAt: number): void
  /** @returns a copy of the record after the change */
  change(entry: MemoryExecution, change: Partial<ExecutionRecord>, dueAt: number | undefined): ExecutionRecord
  all(): MemoryExecution[]
  ofAgent(agent: AgentKey): MemoryExecution[]
}

/** Removes the lease. */
export const NO_LEASE = { leaseOwner: undefined, leaseExpiresAt: undefined }

export function memoryExecutions(): MemoryExecutions {
  const entries = new Map<string, MemoryExecution>()
  const name = ({ tenant, executionId }: ExecutionKey): string => JSON.stringify([tenant, executionId])
  const all = (): MemoryExecution[] => [...entries.values()]
  return {
    find: (key) => entries.get(name(key)),
    add(record, dueAt) {
      entries.set(name(record), { record: structuredClone(record), dueAt })
    },
    change(entry, change, dueAt) {
      entry.record = { ...entry.record, ...structuredClone(change) }
      entry.dueAt = dueAt
      return structuredClone(entry.record)
    },
    all,
    ofAgent: ({ tenant, agentId }) => all().filter(({ record }) => record.tenant === tenant && record.agentId === agentId),
  }
}
