import * as z from 'zod'
import { agentIdSchema, timestampSchema } from './identifiers.ts'

export const conversationIdSchema = z.uuid()

/** A conversation of a caller with an agent. */
export const conversationSchema = z.object({
  /** Its own; unlike the caller's name for it, it is nobody else's. */
  id: conversationIdSchema,
  /** As the caller calls it, in `conversationId` of executions and messages. */
  conversationId: z.string(),
  agentId: agentIdSchema,
  /** Whose it is: the `source` of the messages. */
  source: z.string(),
  createdAt: timestampSchema,
  /** When something was said last. */
  updatedAt: timestampSchema,
})

/** Page of `GET /v1/conversations`. */
export const conversationListSchema = z.object({
  conversations: z.array(conversationSchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

/** Page of `GET /v1/conversations/{id}`: the turns from the first on. */
export const conversationPageSchema = conversationSchema.extend({
  turns: z.array(z.object({ role: z.enum(['user', 'assistant']), content: z.string(), at: timestampSchema })),
  next: z.string().optional(),
})
