import * as z from 'zod'
import type { LlmEvent, StopReason } from './llm-provider.ts'
import { ownCallId } from './own-call-id.ts'
import { ProviderError } from './provider-error.ts'

/** What we need of a line of `/api/chat`. Source: Ollama API reference, "Generate a chat message". */
const lineSchema = z.object({
  message: z
    .object({
      content: z.string().nullish(),
      thinking: z.string().nullish(),
      tool_calls: z
        .array(
          z.object({
            /** Sent by newer servers only. */
            id: z.string().nullish(),
            function: z.object({ name: z.string().min(1), arguments: z.record(z.string(), z.unknown()).nullish() }),
          }),
        )
        .nullish(),
    })
    .nullish(),
  done: z.boolean().nullish(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.int().nonnegative().nullish(),
  eval_count: z.int().nonnegative().nullish(),
})

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['stop', 'end'],
  ['length', 'length'],
])

/**
 * The events of one streamed answer.
 *
 * @throws ProviderError when a line has another shape
 */
export async function* ollamaEvents(lines: AsyncIterable<unknown>): AsyncGenerator<LlmEvent> {
  let called = false
  for await (const line of lines) {
    const parsed = lineSchema.safeParse(line)
    if (!parsed.success) {
      throw new ProviderError('provider_error', 'the provider sent an event of another shape', { provider: 'ollama' })
    }
    const { message, done, done_reason, prompt_eval_count, eval_count } = parsed.data
    if (message?.thinking) yield { type: 'thinking', text: message.thinking }
    if (message?.content) yield { type: 'text', text: message.content }
    for (const { id, function: asked } of message?.tool_calls ?? []) {
      called = true
      const callId = id || ownCallId()
      yield { type: 'tool_call', call: { callId, toolName: asked.name, arguments: JSON.stringify(asked.arguments ?? {}) } }
    }
    if (!done) continue
    // The server may leave out what it read from its cache.
    yield { type: 'usage', inputTokens: prompt_eval_count ?? 0, outputTokens: eval_count ?? 0 }
    const reason = STOP_REASONS.get(done_reason ?? 'stop') ?? 'end'
    yield { type: 'stop', reason: called && reason === 'end' ? 'tool_calls' : reason }
  }
}
