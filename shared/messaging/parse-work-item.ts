import * as z from 'zod'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { agentIdSchema, executionIdSchema, tenantSchema } from '#shared/protocol/identifiers.ts'
import type { ProbeItem, WorkItem } from './work-queue.ts'

const workItemSchema = z.object({ tenant: tenantSchema, executionId: executionIdSchema, agentId: agentIdSchema.optional() })

const probeItemSchema = z.object({ tenant: tenantSchema, agentId: agentIdSchema, probe: z.literal(true) })

/**
 * A work item, or a question for an agent's health, from the body of its message.
 *
 * @throws ValidationError when it is something else, now and for ever
 */
export function parseWorkItem(body: string): WorkItem | ProbeItem {
  const item = parseJson(body, 'work item')
  const isProbe = typeof item === 'object' && item !== null && 'probe' in item
  return isProbe ? parse(probeItemSchema, item, 'probe') : parse(workItemSchema, item, 'work item')
}
