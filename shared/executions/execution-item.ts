import * as z from 'zod'
import { dueShard } from '#shared/platform/dynamo-due-index.ts'
import { fromJsonAttribute } from '#shared/platform/json-attribute.ts'
import { EXECUTION_STATUSES } from '#shared/protocol/execution.ts'
import { llmOverridesSchema } from '#shared/protocol/llm.ts'
import { failureSchema } from '#shared/protocol/problem.ts'
import { retryPolicySchema } from '#shared/protocol/retry-policy.ts'
import { usageSchema } from '#shared/protocol/stream-event.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionKey } from './execution-store.ts'
import { listKeys } from './list-keys.ts'
import { fromOutputAttribute, outputAttributeSchema, toOutputAttribute } from './output-attribute.ts'

const text = z.string().optional()
const number = z.number().optional()

const recordSchema = z.object({
  tenant: z.string(),
  executionId: z.string(),
  agentId: z.string(),
  worker: text,
  input: z.string(),
  inputRef: text,
  type: text,
  requestHash: z.string(),
  priority: z.number(),
  expiresAtMs: number,
  timeoutSeconds: number,
  retry: z.preprocess(fromJsonAttribute, retryPolicySchema.partial().optional()),
  llm: z.preprocess(fromJsonAttribute, llmOverridesSchema.optional()),
  callbackUrl: text,
  source: text,
  messageId: text,
  topic: text,
  replyTo: text,
  correlationId: text,
  conversationId: text,
  parentId: text,
  rootId: text,
  rootSource: text,
  depth: number,
  retryOf: text,
  batchId: text,
  batchIndex: number,
  batchOrder: z.enum(['go_on', 'stop_on_error']).optional(),
  awaitsTurn: z.literal(true).optional(),
  createdAt: z.string(),
  status: z.enum(EXECUTION_STATUSES),
  attempt: z.number(),
  nextAttempt: z.number(),
  place: text,
  retryAt: number,
  cancelRequestedAt: text,
  checkpoint: z.object({ state: z.string(), sequence: z.number() }).optional(),
  suspended: z.object({ for: z.enum(['input', 'turn', 'agents']), since: z.number(), until: z.number() }).optional(),
  waitedMs: number,
  wokenAt: number,
  resumedAt: number,
  // A set: DynamoDB removes its attribute with its last member.
  pendingApprovals: z
    .set(z.string())
    .transform((ids) => [...ids].sort())
    .optional(),
  woken: z.literal(true).optional(),
  fence: z.number(),
  leaseOwner: text,
  leaseExpiresAt: number,
  postedThrough: z.number(),
  output: outputAttributeSchema.optional(),
  error: failureSchema.optional(),
  usage: usageSchema.optional(),
  startedAt: text,
  endedAt: text,
})

/** Every attribute that a record is made of. */
export const RECORD_ATTRIBUTES = Object.keys(recordSchema.shape)

/** An execution as an item of the executions table, and back. */

export const executionKey = ({ tenant, executionId }: ExecutionKey): { pk: string; sk: string } => ({
  pk: `T#${tenant}#EXEC#${executionId}`,
  sk: 'EXEC',
})

/** The index holds keys only: tenant and id are read from the partition key. */
export function keyOfExecution(pk: string): ExecutionKey {
  const [, tenant = '', , executionId = ''] = pk.split('#')
  return { tenant, executionId }
}

/** Puts an execution into the sparse index `due`. @param dueAt - when the sweeper must look at it, in milliseconds since the epoch */
export const executionDue = ({ executionId }: { executionId: string }, dueAt: number) => ({
  dueShard: dueShard(executionId),
  dueAt,
})

/** Takes an execution out of the index `due`. */
export const NOT_DUE = { dueShard: undefined, dueAt: undefined }

export function toItem(record: ExecutionRecord, dueAt: number): Record<string, unknown> {
  return {
    ...executionKey(record),
    ...executionDue(record, dueAt),
    ...listKeys(record),
    ...record,
    // As text: an attribute map takes neither all of JSON's numbers nor empty names, and weighs more.
    input: JSON.stringify(record.input),
    retry: record.retry && JSON.stringify(record.retry),
    llm: record.llm && JSON.stringify(record.llm),
    output: record.output && toOutputAttribute(record.output),
  }
}

export function fromItem(item: unknown): ExecutionRecord {
  const { input, output, ...record } = recordSchema.parse(item)
  return { ...record, input: JSON.parse(input), ...(output && { output: fromOutputAttribute(output) }) }
}
