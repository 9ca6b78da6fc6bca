// This is the SDK's browser build. The Node build is twice the size: it adds service accounts and a WebSocket library, and reads the
// environment. Both stream over `fetch`.
import { GoogleGenAI } from '@google/genai/web'
import { googleAnswerError, googleError } from './google-error.ts'
import { googleEvents } from './google-events.ts'
import { googleRequest } from './google-request.ts'
import type { LlmEvent, LlmProvider, LlmRequest } from './llm-provider.ts'
import { LLM_TIMEOUTS, type LlmTimeouts } from './llm-timeouts.ts'
import { ProviderError } from './provider-error.ts'
import { GOOGLE_BASE_URL } from './vendor-base-url.ts'
import { withDeadlines } from './with-deadlines.ts'

export type GoogleLlmProviderOptions = {
  apiKey: string
  /** Root of the API, without its version. @default the Gemini API */
  baseUrl?: string | undefined
  /** Sent with every call. */
  headers?: Record<string, string> | undefined
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/** Google's Gemini API, or a gateway in front of it, through the official SDK, which retries nothing by default. */
export function googleLlmProvider(options: GoogleLlmProviderOptions): LlmProvider {
  const { apiKey, baseUrl = GOOGLE_BASE_URL, headers = {}, timeouts = LLM_TIMEOUTS } = options
  const client = new GoogleGenAI({ apiKey, vertexai: false, apiVersion: 'v1beta', httpOptions: { baseUrl, headers } })

  async function* call(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    // Otherwise the SDK keeps the connection open when the consumer stops reading.
    const left = new AbortController()
    const either = AbortSignal.any([signal, left.signal])
    let asked = false
    let responseId: string | undefined
    try {
      const { config, ...parameters } = googleRequest(request)
      const fetchAnswer: typeof fetch = async (input, init) => {
        asked = true
        const response = await fetch(input, { ...init, redirect: 'manual', signal: either })
        if (!response.ok) throw await googleAnswerError(response)
        return response
      }
      const chunks = await client.models.generateContentStream({
        ...parameters,
        config: { ...config, httpOptions: { fetch: fetchAnswer } },
      })
      yield* googleEvents(chunks, (id) => {
        responseId = id
      })
    } catch (error) {
      if (!asked) throw new ProviderError('validation_error', 'the SDK refuses the request', { provider: 'google', cause: error })
      throw googleError(error, responseId)
    } finally {
      left.abort()
    }
  }

  return { stream: (request, signal) => withDeadlines('google', (either) => call(request, either), signal, timeouts) }
}
