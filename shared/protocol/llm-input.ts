import * as z from 'zod'

/** Most turns before a question. */
export const MAX_EARLIER_TURNS = 1_000

/** What was said before a question, the oldest first, where the caller keeps the conversation itself. */
export const earlierTurnsSchema = z
  .array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.string().min(1) }))
  .max(MAX_EARLIER_TURNS)

/** What an `llm` agent can answer. */
export const llmInputSchema = z.looseObject({ content: z.string().min(1), earlierTurns: earlierTurnsSchema.optional() })

export type EarlierTurns = z.infer<typeof earlierTurnsSchema>
