import type { StopReason as BedrockStopReason, ConverseStreamOutput, TokenUsage } from '@aws-sdk/client-bedrock-runtime'
import { type BedrockThought, bedrockState } from './bedrock-thoughts.ts'
import type { ErrorSource } from './connection-error.ts'
import type { LlmEvent, LlmToolCall, StopReason } from './llm-provider.ts'
import { ProviderError } from './provider-error.ts'

const STOP_REASONS: ReadonlyMap<BedrockStopReason, StopReason> = new Map([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['stop_sequence', 'stop_sequence'],
  ['content_filtered', 'content_filter'],
  ['guardrail_intervened', 'content_filter'],
  ['tool_use', 'tool_calls'],
])

/** Bedrock could not parse what the model wrote. */
const MALFORMED: ReadonlySet<BedrockStopReason> = new Set(['malformed_model_output', 'malformed_tool_use'])

/** A content block that is still being streamed. */
type OpenBlock = {
  tool?: Omit<LlmToolCall, 'arguments'>
  input: string
  text: string
  signature?: string
  redacted: Uint8Array[]
}

/**
 * The events of one answer of ConverseStream.
 *
 * @throws ProviderError when the stream ends without a reason to stop
 */
export async function* bedrockEvents(stream: AsyncIterable<ConverseStreamOutput>, source: ErrorSource): AsyncGenerator<LlmEvent> {
  const open = new Map<number, OpenBlock>()
  const thoughts: BedrockThought[] = []
  const calls: LlmToolCall[] = []
  let hasText = false
  let reason: BedrockStopReason | undefined

  const blockAt = (index = 0): OpenBlock => {
    const block = open.get(index) ?? { input: '', text: '', redacted: [] }
    open.set(index, block)
    return block
  }

  for await (const event of stream) {
    const { contentBlockStart: start, contentBlockDelta, contentBlockStop: end } = event
    if (start?.start?.toolUse) {
      const { toolUseId = '', name = '' } = start.start.toolUse
      blockAt(start.contentBlockIndex).tool = { callId: toolUseId, toolName: name }
    }

    const { text, toolUse, reasoningContent } = contentBlockDelta?.delta ?? {}
    const block = contentBlockDelta && blockAt(contentBlockDelta.contentBlockIndex)
    if (text) {
      hasText = true
      yield { type: 'text', text }
    }
    if (block && toolUse?.input) block.input += toolUse.input
    if (block && reasoningContent?.text) {
      block.text += reasoningContent.text
      yield { type: 'thinking', text: reasoningContent.text }
    }
    if (block && reasoningContent?.signature) block.signature = (block.signature ?? '') + reasoningContent.signature
    if (block && reasoningContent?.redactedContent) block.redacted.push(reasoningContent.redactedContent)

    if (end) {
      const { tool, input, ...thought } = blockAt(end.contentBlockIndex)
      if (tool) calls.push({ ...tool, arguments: input || '{}' })
      const kept = thoughtOf(thought)
      if (kept) thoughts.push({ before: Number(hasText) + calls.length, block: kept })
    }
    if (event.messageStop) reason = event.messageStop.stopReason ?? 'end_turn'
    if (event.metadata?.usage) yield usageEvent(event.metadata.usage)
  }

  if (!reason) throw new ProviderError('network_error', 'the answer was cut off', source)
  if (MALFORMED.has(reason)) throw new ProviderError('provider_error', `the model failed (${reason})`, source)
  if (thoughts.length > 0) yield { type: 'state', state: bedrockState(thoughts) }
  // A call that the limit or the guardrail cut off must not be made.
  if (reason === 'tool_use') for (const call of calls) yield { type: 'tool_call', call }
  yield { type: 'stop', reason: STOP_REASONS.get(reason) ?? 'end' }
}

function thoughtOf({ text, signature, redacted }: Omit<OpenBlock, 'tool' | 'input'>): BedrockThought['block'] | undefined {
  if (redacted.length > 0) return { redacted: Buffer.concat(redacted).toString('base64') }
  if (!text && signature === undefined) return undefined
  return { text, ...(signature !== undefined && { signature }) }
}

/** Bedrock counts input that was read from or written to its cache apart from the rest. */
function usageEvent(usage: TokenUsage): LlmEvent {
  const { inputTokens = 0, outputTokens = 0, cacheReadInputTokens, cacheWriteInputTokens } = usage
  return {
    type: 'usage',
    inputTokens: inputTokens + (cacheReadInputTokens ?? 0) + (cacheWriteInputTokens ?? 0),
    outputTokens,
    ...(cacheReadInputTokens !== undefined && { cachedInputTokens: cacheReadInputTokens }),
  }
}
