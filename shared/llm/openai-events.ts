import type { ErrorSource } from './connection-error.ts'
import type { LlmEvent, StopReason } from './llm-provider.ts'
import { type OpenaiUsage, openaiChunkSchema } from './openai-chunk.ts'
import { openaiToolCalls } from './openai-tool-calls.ts'
import { ProviderError } from './provider-error.ts'

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['stop', 'end'],
  ['length', 'length'],
  ['content_filter', 'content_filter'],
  ['tool_calls', 'tool_calls'],
  ['function_call', 'tool_calls'],
])

/**
 * The events of one streamed chat completion.
 *
 * @param source - names the provider and the request in errors
 * @throws ProviderError when a chunk has another shape, or the stream ends without a reason to stop
 */
export async function* openaiEvents(chunks: AsyncIterable<unknown>, source: ErrorSource): AsyncGenerator<LlmEvent> {
  const calls = openaiToolCalls()
  let heard = false
  let refused = false
  let reason: StopReason | undefined
  const otherShape = () => new ProviderError('provider_error', 'the provider sent an event of another shape', source)

  for await (const chunk of chunks) {
    const parsed = openaiChunkSchema.safeParse(chunk)
    if (!parsed.success) throw otherShape()
    heard = true
    const [choice] = parsed.data.choices ?? []
    const { content, refusal, reasoning_content, reasoning, tool_calls } = choice?.delta ?? {}
    const thinking = reasoning_content || reasoning
    if (thinking) yield { type: 'thinking', text: thinking }
    if (content) yield { type: 'text', text: content }
    if (refusal) {
      refused = true
      yield { type: 'text', text: refusal }
    }
    for (const delta of tool_calls ?? []) calls.add(delta)

    if (choice?.finish_reason && !reason) {
      reason = STOP_REASONS.get(choice.finish_reason) ?? 'end'
      // A call that the limit or the filter cut off must not be made.
      const whole = reason === 'end' || reason === 'tool_calls' ? calls.whole() : []
      if (!whole) throw otherShape()
      for (const call of whole) yield { type: 'tool_call', call }
      // With a required tool choice, OpenAI ends with "stop" although there are calls.
      if (whole.length > 0) reason = 'tool_calls'
      else if (refused && reason === 'end') reason = 'refusal'
    }
    if (parsed.data.usage) yield usageEvent(parsed.data.usage)
  }
  if (!heard)
    throw new ProviderError(
      'network_error',
      'there is no event in the answer: look at the base URL, it may not be that of an API',
      source,
    )
  if (!reason) throw new ProviderError('network_error', 'the answer was cut off', source)
  // Only now, because usage comes after the chunk that names the reason.
  yield { type: 'stop', reason }
}

function usageEvent(usage: OpenaiUsage): LlmEvent {
  const cached = usage.prompt_tokens_details?.cached_tokens
  const reasoning = usage.completion_tokens_details?.reasoning_tokens
  return {
    type: 'usage',
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    ...(typeof cached === 'number' && { cachedInputTokens: cached }),
    ...(typeof reasoning === 'number' && { reasoningTokens: reasoning }),
  }
}
