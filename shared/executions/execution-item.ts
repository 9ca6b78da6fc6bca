import { createHash } from 'node:crypto'
import * as z from 'zod'
import { DUE_SHARDS } from '#shared/platform/names.ts'
import { EXECUTION_STATUSES } from '#shared/protocol/execution.ts'
import { errorCodeSchema } from '#shared/protocol/problem.ts'
import { usageSchema } from '#shared/protocol/stream-event.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionKey } from './execution-store.ts'

const recordSchema = z.object({
  tenant: z.string(),
  executionId: z.string(),
  agentId: z.string(),
  status: z.enum(EXECUTION_STATUSES),
  attempt: z.number(),
  input: z.string(),
  requestHash: z.string(),
  messageId: z.string().optional(),
  topic: z.string().optional(),
  fence: z.number(),
  leaseOwner: z.string().optional(),
  leaseExpiresAt: z.number().optional(),
  postedThrough: z.number(),
  output: z.object({ text: z.string() }).optional(),
  error: z.object({ code: errorCodeSchema, detail: z.string() }).optional(),
  usage: usageSchema.optional(),
  createdAt: z.string(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
})

/** An execution as an item of the executions table, and back. */

export const executionKey = ({ tenant, executionId }: ExecutionKey): { pk: string; sk: string } => ({
  pk: `T#${tenant}#EXEC#${executionId}`,
  sk: 'EXEC',
})

export const dueShardName = (shard: number): string => `DUE#${shard}`

/** @param dueAt - when the sweeper must look at it, in milliseconds since the epoch */
export function toItem(record: ExecutionRecord, dueAt: number): Record<string, unknown> {
  const shard = createHash('sha256').update(record.executionId).digest().readUInt16BE(0) % DUE_SHARDS
  return {
    ...executionKey(record),
    dueShard: dueShardName(shard),
    dueAt,
    ...record,
    // As text: an attribute map takes neither all of JSON's numbers nor empty names, and weighs more.
    input: JSON.stringify(record.input),
  }
}

export function fromItem(item: unknown): ExecutionRecord {
  const record = recordSchema.parse(item)
  return { ...record, input: JSON.parse(record.input) }
}
