import { type GooglePart, type GoogleUsage, googleChunkSchema } from './google-chunk.ts'
import { type GoogleSignatures, googleState } from './google-signatures.ts'
import type { LlmEvent, LlmToolCall, StopReason } from './llm-provider.ts'
import { ownCallId } from './own-call-id.ts'
import { ProviderError } from './provider-error.ts'

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content_filter'],
  ['RECITATION', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
])

/** The model wrote something unusable, or stopped for an unknown reason. */
const FAILED: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'LANGUAGE',
  'OTHER',
])

/**
 * The events of one streamed answer.
 *
 * @param began - called once with the vendor's id of the answer
 * @throws ProviderError when the prompt or the answer cannot be used, or the stream ends without a reason to stop
 */
export async function* googleEvents(
  chunks: AsyncIterable<unknown>,
  began: (responseId: string) => void,
): AsyncGenerator<LlmEvent> {
  const calls: LlmToolCall[] = []
  const signatures: GoogleSignatures = { calls: {} }
  let reason: string | undefined
  let responseId: string | undefined
  let told = ''
  const failure = (code: 'network_error' | 'provider_error' | 'content_filter', message: string) =>
    new ProviderError(code, message, { provider: 'google', providerRequestId: responseId })

  for await (const raw of chunks) {
    const parsed = googleChunkSchema.safeParse(raw)
    if (!parsed.success) throw failure('provider_error', 'the provider sent an event of another shape')
    const { candidates, promptFeedback, usageMetadata } = parsed.data
    if (parsed.data.responseId && !responseId) {
      responseId = parsed.data.responseId
      began(responseId)
    }
    if (promptFeedback?.blockReason) throw failure('content_filter', 'the provider refused the prompt')

    const [candidate] = candidates ?? []
    for (const part of candidate?.content?.parts ?? []) {
      const call = part.functionCall && toolCall(part.functionCall)
      if (call) calls.push(call)
      if (part.thoughtSignature && call) signatures.calls[call.callId] = part.thoughtSignature
      else if (part.thoughtSignature) signatures.text = part.thoughtSignature
      if (part.text) yield { type: part.thought ? 'thinking' : 'text', text: part.text }
    }
    const usage = usageMetadata && usageEvent(usageMetadata)
    // Usage comes with every chunk; a repetition of the last one is skipped.
    if (usage && JSON.stringify(usage) !== told) yield usage
    told = usage ? JSON.stringify(usage) : told
    reason = candidate?.finishReason ?? reason
  }

  if (!reason) throw failure('network_error', 'the answer was cut off')
  if (FAILED.has(reason)) throw failure('provider_error', `the model failed (${reason})`)
  const state = googleState(signatures)
  if (state) yield { type: 'state', state }
  const stop = STOP_REASONS.get(reason)
  // A call that was cut off must not be made.
  if (!stop) for (const call of calls) yield { type: 'tool_call', call }
  yield { type: 'stop', reason: stop ?? (calls.length > 0 ? 'tool_calls' : 'end') }
}

const toolCall = ({ id, name, args }: NonNullable<GooglePart['functionCall']>): LlmToolCall => ({
  callId: id || ownCallId(),
  toolName: name,
  arguments: JSON.stringify(args ?? {}),
})

/** Google counts thoughts apart from the rest of the output. */
function usageEvent(usage: GoogleUsage): LlmEvent {
  const { cachedContentTokenCount: cached, thoughtsTokenCount: thoughts } = usage
  return {
    type: 'usage',
    inputTokens: (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0),
    outputTokens: (usage.candidatesTokenCount ?? 0) + (thoughts ?? 0),
    ...(cached !== undefined && { cachedInputTokens: cached }),
    ...(thoughts !== undefined && { reasoningTokens: thoughts }),
  }
}
