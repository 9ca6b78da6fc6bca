import { type AnthropicDelta, type AnthropicUsage, anthropicEventSchema } from './anthropic-event.ts'
import { type AnthropicThought, anthropicState } from './anthropic-thoughts.ts'
import type { ErrorSource } from './connection-error.ts'
import type { LlmEvent, LlmToolCall, StopReason } from './llm-provider.ts'
import { ProviderError } from './provider-error.ts'

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  // Only the vendor's own tools pause a turn, and we offer none of them: if it happens, the answer is incomplete.
  ['pause_turn', 'length'],
  ['stop_sequence', 'stop_sequence'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'refusal'],
])

/** A content block that is still being streamed. */
type OpenBlock =
  | { type: 'tool_use'; callId: string; toolName: string; input: string }
  | { type: 'redacted_thinking'; data: string }
  | { type: 'written'; thinking: string; signature: string }

/**
 * The events of one streamed message.
 *
 * @throws ProviderError when an event has another shape, or the stream ends before the message does
 */
export async function* anthropicEvents(stream: AsyncIterable<unknown>, source: ErrorSource): AsyncGenerator<LlmEvent> {
  const open = new Map<number, OpenBlock>()
  const thoughts: AnthropicThought[] = []
  const calls: LlmToolCall[] = []
  let hasText = false
  let usage: AnthropicUsage = {}
  let reason: string | undefined

  for await (const raw of stream) {
    const parsed = anthropicEventSchema.safeParse(raw)
    if (!parsed.success) {
      // New types of events may come at any time. Source: Anthropic API reference, "Streaming messages".
      if (isOfUnknownType(raw)) continue
      throw new ProviderError('provider_error', 'the provider sent an event of another shape', source)
    }
    const event = parsed.data
    switch (event.type) {
      case 'message_start':
        usage = event.message.usage
        break
      case 'content_block_start':
        open.set(event.index, openBlock(event.content_block))
        break
      case 'content_block_delta': {
        if (!event.delta) break
        write(open.get(event.index), event.delta)
        if (event.delta.type === 'thinking_delta') yield { type: 'thinking', text: event.delta.thinking }
        if (event.delta.type === 'text_delta' && event.delta.text) {
          hasText = true
          yield { type: 'text', text: event.delta.text }
        }
        break
      }
      case 'content_block_stop': {
        const block = open.get(event.index)
        if (block?.type === 'tool_use') calls.push(toolCall(block))
        const thought = block && thoughtOf(block)
        if (thought) thoughts.push({ before: Number(hasText) + calls.length, block: thought })
        break
      }
      case 'message_delta':
        reason = event.delta.stop_reason ?? reason
        usage = laterUsage(usage, event.usage)
        yield usageEvent(usage)
        break
    }
  }

  if (!reason) throw new ProviderError('network_error', 'the answer was cut off', source)
  if (thoughts.length > 0) yield { type: 'state', state: anthropicState(thoughts) }
  // A call that the token limit cut off must not be made.
  if (reason === 'tool_use') for (const call of calls) yield { type: 'tool_call', call }
  yield { type: 'stop', reason: STOP_REASONS.get(reason) ?? 'end' }
}

const KNOWN_TYPES: ReadonlySet<unknown> = new Set(anthropicEventSchema.options.map((option) => option.shape.type.value))

const isOfUnknownType = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'type' in event && typeof event.type === 'string' && !KNOWN_TYPES.has(event.type)

type StartOfBlock = { type: 'tool_use'; id: string; name: string } | { type: 'redacted_thinking'; data: string } | undefined

function openBlock(start: StartOfBlock): OpenBlock {
  if (start?.type === 'tool_use') return { type: 'tool_use', callId: start.id, toolName: start.name, input: '' }
  return start ?? { type: 'written', thinking: '', signature: '' }
}

function write(block: OpenBlock | undefined, delta: AnthropicDelta): void {
  if (block?.type === 'tool_use' && delta.type === 'input_json_delta') block.input += delta.partial_json
  if (block?.type !== 'written') return
  if (delta.type === 'thinking_delta') block.thinking += delta.thinking
  if (delta.type === 'signature_delta') block.signature += delta.signature
}

/** A call without arguments comes without deltas. */
const toolCall = ({ callId, toolName, input }: Extract<OpenBlock, { type: 'tool_use' }>): LlmToolCall => ({
  callId,
  toolName,
  arguments: input || '{}',
})

/** Undefined for thoughts without a signature: the API does not accept them back. */
function thoughtOf(block: OpenBlock): AnthropicThought['block'] | undefined {
  if (block.type === 'redacted_thinking') return block
  if (block.type === 'tool_use' || !block.signature) return undefined
  return { type: 'thinking', thinking: block.thinking, signature: block.signature }
}

/** The end of a message repeats the figures; where both have one, the later is more exact. */
function laterUsage(first: AnthropicUsage, last: AnthropicUsage): AnthropicUsage {
  return {
    input_tokens: last.input_tokens ?? first.input_tokens,
    output_tokens: last.output_tokens ?? first.output_tokens,
    cache_read_input_tokens: last.cache_read_input_tokens ?? first.cache_read_input_tokens,
    cache_creation_input_tokens: last.cache_creation_input_tokens ?? first.cache_creation_input_tokens,
    output_tokens_details: last.output_tokens_details ?? first.output_tokens_details,
  }
}

function usageEvent(usage: AnthropicUsage): LlmEvent {
  const cached = usage.cache_read_input_tokens
  const reasoning = usage.output_tokens_details?.thinking_tokens
  return {
    type: 'usage',
    inputTokens: (usage.input_tokens ?? 0) + (cached ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    outputTokens: usage.output_tokens ?? 0,
    ...(typeof cached === 'number' && { cachedInputTokens: cached }),
    ...(typeof reasoning === 'number' && { reasoningTokens: reasoning }),
  }
}
