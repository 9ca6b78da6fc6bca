import * as z from 'zod'
import type { LlmEvent } from './llm-provider.ts'

/**
 * What we need of a `chat.completion.chunk`. Compatible servers leave out and add fields, and send the model's reasoning as
 * `reasoning_content` (DeepSeek, vLLM) or `reasoning` (Ollama, OpenRouter), which the SDK's types do not know.
 */
export const openaiChunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({ content: z.string().nullish(), reasoning_content: z.string().nullish(), reasoning: z.string().nullish() })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: z.object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() }).nullish(),
})

export type OpenaiChunk = z.infer<typeof openaiChunkSchema>

type StopReason = Extract<LlmEvent, { type: 'stop' }>['reason']

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['stop', 'end'],
  ['length', 'length'],
  ['content_filter', 'content_filter'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
])

/** Events of one chunk. `stop` is held back by the caller: usage follows the chunk that names the reason. */
export function openaiChunkEvents(chunk: OpenaiChunk): LlmEvent[] {
  const [choice] = chunk.choices ?? []
  const thinking = choice?.delta?.reasoning_content ?? choice?.delta?.reasoning
  const text = choice?.delta?.content
  const events: LlmEvent[] = []
  if (thinking) events.push({ type: 'thinking', text: thinking })
  if (text) events.push({ type: 'text', text })
  if (chunk.usage) {
    events.push({ type: 'usage', inputTokens: chunk.usage.prompt_tokens, outputTokens: chunk.usage.completion_tokens })
  }
  if (choice?.finish_reason) events.push({ type: 'stop', reason: STOP_REASONS.get(choice.finish_reason) ?? 'end' })
  return events
}
