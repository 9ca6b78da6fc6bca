import * as z from 'zod'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { agentIdSchema, executionIdSchema, tenantSchema } from '#shared/protocol/identifiers.ts'
import type { ProbeItem, RegisterItem, WorkItem } from './work-queue.ts'

const workItemSchema = z.object({
  tenant: tenantSchema,
  executionId: executionIdSchema,
  agentId: agentIdSchema.optional(),
  worker: agentIdSchema.optional(),
  admit: z.boolean().optional(),
})

const probeItemSchema = z.object({ tenant: tenantSchema, agentId: agentIdSchema, probe: z.literal(true) })
const registerItemSchema = z.object({ tenant: tenantSchema, agentId: agentIdSchema, register: z.literal(true) })

/**
 * A work item, a question for an agent's health, or the order to register an agent, from the body of its message.
 *
 * @throws ValidationError when it is something else, now and for ever
 */
export function parseWorkItem(body: string): WorkItem | ProbeItem | RegisterItem {
  const item = parseJson(body, 'work item')
  const has = (key: string): boolean => typeof item === 'object' && item !== null && key in item
  if (has('probe')) return parse(probeItemSchema, item, 'probe')
  if (has('register')) return parse(registerItemSchema, item, 'registration')
  return parse(workItemSchema, item, 'work item')
}
