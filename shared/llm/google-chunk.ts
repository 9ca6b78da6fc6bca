import * as z from 'zod'

const tokens = z.int().nonnegative().optional()

const partSchema = z.object({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.string().optional(),
  functionCall: z
    .object({ id: z.string().optional(), name: z.string(), args: z.record(z.string(), z.unknown()).optional() })
    .optional(),
})

/** What we need of a `GenerateContentResponse`. A candidate may come without content. */
export const googleChunkSchema = z.object({
  responseId: z.string().optional(),
  candidates: z
    .array(
      z.object({ content: z.object({ parts: z.array(partSchema).optional() }).optional(), finishReason: z.string().optional() }),
    )
    .optional(),
  promptFeedback: z.object({ blockReason: z.string().optional() }).optional(),
  usageMetadata: z
    .object({
      promptTokenCount: tokens,
      toolUsePromptTokenCount: tokens,
      cachedContentTokenCount: tokens,
      candidatesTokenCount: tokens,
      thoughtsTokenCount: tokens,
    })
    .optional(),
})

export type GooglePart = z.infer<typeof partSchema>
export type GoogleUsage = NonNullable<z.infer<typeof googleChunkSchema>['usageMetadata']>
