import * as z from 'zod'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { agentIdSchema, executionIdSchema, tenantSchema } from '#shared/protocol/identifiers.ts'
import type { WorkItem } from './work-queue.ts'

const workItemSchema = z.object({ tenant: tenantSchema, executionId: executionIdSchema, agentId: agentIdSchema.optional() })

/**
 * A work item from the body of its message.
 *
 * @throws ValidationError when it is something else, now and for ever
 */
export const parseWorkItem = (body: string): WorkItem => parse(workItemSchema, parseJson(body, 'work item'), 'work item')
