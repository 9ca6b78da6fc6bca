import { Ollama } from 'ollama/browser'
import { retryAfterSeconds } from '#shared/platform/retry-after.ts'
import { connectionError } from './connection-error.ts'
import { errorAnswer } from './error-answer.ts'
import { errorCodeByStatus } from './error-code-by-status.ts'
import type { LlmEvent, LlmProvider, LlmRequest } from './llm-provider.ts'
import { LLM_TIMEOUTS, type LlmTimeouts } from './llm-timeouts.ts'
import { ollamaEvents } from './ollama-events.ts'
import { ollamaLines } from './ollama-lines.ts'
import { ollamaRequest } from './ollama-request.ts'
import { ProviderError } from './provider-error.ts'
import { OLLAMA_BASE_URL } from './vendor-base-url.ts'
import { withDeadlines } from './with-deadlines.ts'

const PROVIDER = 'ollama'

export type OllamaLlmProviderOptions = {
  /** Root of the server. @default http://127.0.0.1:11434 */
  baseUrl?: string | undefined
  /** Sent as a bearer token, for servers behind a proxy that requires one. */
  apiKey?: string | undefined
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/** Models on an Ollama server of your own, through the official client, which never retries. */
export function ollamaLlmProvider(options: OllamaLlmProviderOptions = {}): LlmProvider {
  const { baseUrl = OLLAMA_BASE_URL, apiKey, timeouts = LLM_TIMEOUTS } = options
  const headers = apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` }

  async function* call(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    // The SDK can abort only after the answer has begun, and keeps the connection open when the consumer stops reading.
    const left = new AbortController()
    const either = AbortSignal.any([signal, left.signal])
    const client = new Ollama({ host: baseUrl, headers, fetch: (url, init) => ollamaFetch(url, { ...init, signal: either }) })
    try {
      yield* ollamaEvents(await client.chat(ollamaRequest(request)))
    } catch (error) {
      throw error instanceof ProviderError ? error : connectionError(error, { provider: PROVIDER, providerRequestId: undefined })
    } finally {
      left.abort()
    }
  }

  return { stream: (request, signal) => withDeadlines(PROVIDER, (either) => call(request, either), signal, timeouts) }
}

/**
 * The `fetch` of the SDK. Error answers are translated here, by status: the SDK would drop the headers and print the body on the console.
 * Redirects are not followed.
 */
async function ollamaFetch(url: Parameters<typeof fetch>[0], init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'manual' })
  if (response.ok && response.body) return new Response(ollamaLines(response.body), response)
  await response.body?.cancel()
  throw new ProviderError(errorCodeByStatus(response.status), errorAnswer(response.status, `${response.status}`), {
    provider: PROVIDER,
    providerStatus: response.status,
    ...retryAfterSeconds(response.headers),
  })
}
