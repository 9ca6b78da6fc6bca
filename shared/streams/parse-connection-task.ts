import * as z from 'zod'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { auditDaySchema } from '#shared/protocol/audit.ts'
import type { ConnectionTask } from './connection-task-queue.ts'

const taskSchema = z.discriminatedUnion('task', [
  z.object({
    task: z.literal('send'),
    tenant: z.string(),
    channel: z.string(),
    shard: z.int().positive(),
    tries: z.int().positive().optional(),
  }),
  z.object({ task: z.literal('open'), connectionId: z.string() }),
  z.object({ task: z.literal('require_identity'), connectionId: z.string() }),
  z.object({ task: z.literal('close'), tenant: z.string(), connectionId: z.string() }),
  z.object({ task: z.literal('close_key'), tenant: z.string(), keyId: z.string() }),
  z.object({
    task: z.literal('broadcast'),
    tenant: z.string(),
    connectionIds: z.array(z.string()),
    frame: z.string(),
  }),
  z.object({
    task: z.literal('export_audit'),
    tenant: z.string(),
    exportId: z.uuid(),
    from: auditDaySchema,
    to: auditDaySchema,
  }),
  z.object({ task: z.literal('repair'), tenant: z.string() }),
])

/** @throws ValidationError when the body of a message is no task */
export const parseConnectionTask = (body: string): ConnectionTask =>
  parse(taskSchema, parseJson(body, 'connection task'), 'connection task')
