import * as z from 'zod'

/**
 * What we need of a `chat.completion.chunk`. Compatible servers leave out and add fields, and send the model's reasoning as
 * `reasoning_content` (DeepSeek, vLLM) or `reasoning` (Ollama, OpenRouter), which the SDK's types do not know.
 */
export const openaiChunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            reasoning_content: z.string().nullish(),
            reasoning: z.string().nullish(),
            tool_calls: z
              .array(
                z.object({
                  index: z.int().nonnegative().nullish(),
                  id: z.string().nullish(),
                  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z
    .object({
      prompt_tokens: z.int().nonnegative(),
      completion_tokens: z.int().nonnegative(),
      prompt_tokens_details: z.object({ cached_tokens: z.int().nonnegative().nullish() }).nullish(),
      completion_tokens_details: z.object({ reasoning_tokens: z.int().nonnegative().nullish() }).nullish(),
    })
    .nullish(),
})

export type OpenaiChunk = z.infer<typeof openaiChunkSchema>
type Choice = NonNullable<OpenaiChunk['choices']>[number]
export type OpenaiToolCallDelta = NonNullable<NonNullable<Choice['delta']>['tool_calls']>[number]
export type OpenaiUsage = NonNullable<OpenaiChunk['usage']>
