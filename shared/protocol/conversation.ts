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
  /** What the agent's model is told of the session before its last turns. */
  summary: z.string().optional(),
})

/** Something that was said. */
export const turnSchema = z.object({
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  /** Ids of the images that came with it. */
  attachments: z.array(z.string()).optional(),
  at: timestampSchema,
})

/** Page of `GET /v1/conversations`. */
export const conversationListSchema = z.object({
  conversations: z.array(conversationSchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

/** Page of `GET /v1/conversations/{id}`: the turns from the first on. */
export const conversationPageSchema = conversationSchema.extend({
  turns: z.array(turnSchema),
  next: z.string().optional(),
})

/** Conversations that a search looks through, the latest active first, and turns of each, the last ones. */
export const SEARCHED_CONVERSATIONS = 25
export const SEARCHED_TURNS = 100
/** Most UTF-16 code units of all of them: their words are listed for each search, which takes about a second for so many. */
export const SEARCHED_LENGTH = 1_000_000

/** Answer of `GET /v1/conversations/search`: the best matches first. */
export const conversationSearchSchema = z.object({
  hits: z.array(z.object({ id: conversationIdSchema, conversationId: z.string(), turn: turnSchema })),
  /** There is more, older, which nobody has looked through. */
  more: z.boolean(),
})

/** Answer of `GET /v1/conversations/{id}/export`: all of it. */
export const conversationExportSchema = conversationSchema.extend({ exportedAt: timestampSchema, turns: z.array(turnSchema) })

export type ConversationView = z.infer<typeof conversationSchema>
export type ConversationSearch = z.infer<typeof conversationSearchSchema>
export type ConversationExport = z.infer<typeof conversationExportSchema>
export type TurnView = z.infer<typeof turnSchema>
