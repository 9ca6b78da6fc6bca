import * as z from 'zod'
import type { AgentKey } from '#shared/agents/gate.ts'
import type { Waiting } from './admission-store.ts'
import type { ExecutionRecord } from './execution-record.ts'

const waitingSchema = z.object({ sk: z.string(), executionId: z.string(), worker: z.string().optional() })

/** Partition of an agent's mailbox in the executions table; the places sort in the order of admission. */
export const mailboxPartition = ({ tenant, agentId }: AgentKey): string => `T#${tenant}#MAIL#${agentId}`

export const mailboxKey = (agent: AgentKey, place: string): { pk: string; sk: string } => ({
  pk: mailboxPartition(agent),
  sk: place,
})

export const mailboxItem = (record: ExecutionRecord, place: string): Record<string, unknown> => ({
  ...mailboxKey(record, place),
  executionId: record.executionId,
  worker: record.worker,
})

export function toWaiting(item: unknown): Waiting {
  const { sk, ...waiting } = waitingSchema.parse(item)
  return { ...waiting, place: sk }
}
