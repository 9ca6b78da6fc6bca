import { BaseAnthropic } from '@anthropic-ai/sdk/client'
import { Messages } from '@anthropic-ai/sdk/resources/messages/messages'
import { anthropicError } from './anthropic-error.ts'
import { anthropicEvents } from './anthropic-events.ts'
import { anthropicRequest, anthropicWarnings } from './anthropic-request.ts'
import type { LlmEvent, LlmProvider, LlmRequest } from './llm-provider.ts'
import { LLM_TIMEOUTS, type LlmTimeouts } from './llm-timeouts.ts'
import { ANTHROPIC_BASE_URL } from './vendor-base-url.ts'
import { withDeadlines } from './with-deadlines.ts'

export type AnthropicLlmProviderOptions = {
  apiKey: string
  /** Root of the API, without `/v1`. @default Anthropic itself */
  baseUrl?: string | undefined
  /** Sent with every call. */
  headers?: Record<string, string> | undefined
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/** Anthropic, or a gateway in front of it, through the official SDK with its retries off. */
export function anthropicLlmProvider(options: AnthropicLlmProviderOptions): LlmProvider {
  const { apiKey, baseUrl = ANTHROPIC_BASE_URL, headers = {}, timeouts = LLM_TIMEOUTS } = options
  // Only the messages resource, on the bare client: the full client would load all resources, which are two thirds of the SDK's bytes.
  // Options that are left out here would be read from the environment, hence the nulls.
  const messages = new Messages(
    new BaseAnthropic({
      apiKey,
      authToken: null,
      webhookKey: null,
      baseURL: baseUrl,
      defaultHeaders: headers,
      maxRetries: 0,
      // We keep the deadlines ourselves. Without this the SDK refuses large token limits, because the answer may take long.
      timeout: timeouts.totalMs,
      logLevel: 'off',
      // A redirect would send the key to another origin.
      fetchOptions: { redirect: 'manual' },
    }),
  )

  async function* call(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    let requestId: string | undefined
    try {
      const { data, request_id } = await messages.create(anthropicRequest(request), { signal }).withResponse()
      requestId = request_id ?? undefined
      for await (const event of anthropicEvents(data, { provider: 'anthropic', providerRequestId: requestId })) {
        // Only now, because any event before would end the wait for the first token.
        if (event.type === 'stop') yield* anthropicWarnings(request)
        yield event
      }
    } catch (error) {
      throw anthropicError(error, requestId)
    }
  }

  return { stream: (request, signal) => withDeadlines('anthropic', (either) => call(request, either), signal, timeouts) }
}
