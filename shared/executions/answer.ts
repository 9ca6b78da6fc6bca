import { buildMessages } from '#shared/llm/build-messages.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { MAX_ANSWER_BYTES } from '#shared/protocol/limits.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import type { StreamWriter } from '#shared/streams/stream-writer.ts'

/** What a model call that ended well came to. */
export type Answer = { stopReason: string; usage: Usage | undefined }

/**
 * Asks the agent's model once and writes its words to the stream as they come.
 *
 * @throws ProviderError when the call fails, SluiceError `payload_too_large` when the answer outgrows a record, the signal's
 *   reason when it aborts
 */
export async function answer(
  providers: LlmProviders,
  agent: Agent,
  input: unknown,
  writer: StreamWriter,
  signal: AbortSignal,
): Promise<Answer> {
  const { model, temperature, maxTokens } = agent.llm
  const provider = await providers.open(agent.llm)
  const request = { model, temperature, maxTokens, messages: buildMessages(agent.prompts, input) }
  let result: Answer = { stopReason: 'end', usage: undefined }
  let bytes = 0
  for await (const event of provider.stream(request, signal)) {
    signal.throwIfAborted()
    if (event.type === 'usage')
      result = { ...result, usage: { inputTokens: event.inputTokens, outputTokens: event.outputTokens } }
    if (event.type === 'stop') result = { ...result, stopReason: event.reason }
    if (event.type === 'thinking') writer.write({ type: 'thinking', data: { text: event.text } })
    if (event.type === 'text') {
      bytes += Buffer.byteLength(event.text)
      if (bytes > MAX_ANSWER_BYTES)
        throw new SluiceError('payload_too_large', `the answer is larger than ${MAX_ANSWER_BYTES} bytes`)
      writer.write({ type: 'content_chunk', data: { text: event.text } })
    }
  }
  signal.throwIfAborted()
  return result
}
