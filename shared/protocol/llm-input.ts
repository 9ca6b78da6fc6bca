import * as z from 'zod'

/** What was said before a question, the oldest first, where the caller keeps the conversation itself. */
export const earlierTurnsSchema = z
  .array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.string().min(1) }))
  .max(1_000)

/** What an `llm` agent can answer. */
export const llmInputSchema = z.looseObject({ content: z.string().min(1), earlierTurns: earlierTurnsSchema.optional() })

export type EarlierTurns = z.infer<typeof earlierTurnsSchema>
