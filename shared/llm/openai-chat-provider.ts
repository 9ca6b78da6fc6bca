import type OpenAI from 'openai'
import type { LlmEvent, LlmProvider, LlmRequest } from './llm-provider.ts'
import { LLM_TIMEOUTS, type LlmTimeouts } from './llm-timeouts.ts'
import { openaiError } from './openai-error.ts'
import { openaiEvents } from './openai-events.ts'
import { type OpenaiLimitName, openaiRequest } from './openai-request.ts'
import { withDeadlines } from './with-deadlines.ts'

export type OpenaiChatProviderOptions = {
  /** The name in errors. */
  provider: 'openai' | 'azure' | 'custom'
  client: OpenAI
  limitName: OpenaiLimitName
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/** What OpenAI, Azure and compatible servers share: streamed chat completions through a client of the official SDK. */
export function openaiChatProvider({ provider, client, limitName, timeouts }: OpenaiChatProviderOptions): LlmProvider {
  async function* call(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    let requestId: string | undefined
    try {
      const { data: chunks, request_id } = await client.chat.completions
        .create(openaiRequest(request, limitName), { signal })
        .withResponse()
      requestId = request_id ?? undefined
      yield* openaiEvents(chunks, { provider, providerRequestId: requestId })
    } catch (error) {
      throw openaiError(error, { provider, providerRequestId: requestId })
    }
  }

  return {
    stream: (request, signal) => withDeadlines(provider, (either) => call(request, either), signal, timeouts ?? LLM_TIMEOUTS),
  }
}
