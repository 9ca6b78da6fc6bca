import OpenAI from 'openai'
import type { LlmEvent, LlmProvider, LlmRequest } from './llm-provider.ts'
import { LLM_TIMEOUTS, type LlmTimeouts } from './llm-timeouts.ts'
import { openaiChunkEvents, openaiChunkSchema } from './openai-chunk.ts'
import { openaiError } from './openai-error.ts'
import { ProviderError } from './provider-error.ts'
import { withDeadlines } from './with-deadlines.ts'

const OPENAI_BASE_URL = 'https://api.openai.com/v1'

export type OpenaiLlmProviderOptions = {
  apiKey: string
  /** Root of an OpenAI-compatible API, `/v1` included. @default OpenAI itself */
  baseUrl?: string | undefined
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/**
 * OpenAI and every server that speaks its chat completions, over the official SDK with its retries off. Connecting has a limit of its own,
 * the 10 s of Node's fetch.
 */
export function openaiLlmProvider(options: OpenaiLlmProviderOptions): LlmProvider {
  const { apiKey, baseUrl = OPENAI_BASE_URL, timeouts = LLM_TIMEOUTS } = options
  // Everything is said here: what is left out, the SDK would take from the environment.
  const client = new OpenAI({
    apiKey,
    baseURL: baseUrl,
    organization: null,
    project: null,
    adminAPIKey: null,
    maxRetries: 0,
    logLevel: 'off',
  })
  // OpenAI's reasoning models refuse the old name of the limit, compatible servers may not know the new one.
  const limitName = baseUrl === OPENAI_BASE_URL ? 'max_completion_tokens' : 'max_tokens'

  async function* call(request: LlmRequest, signal: AbortSignal): AsyncGenerator<LlmEvent> {
    let requestId: string | undefined
    try {
      const { data: chunks, request_id } = await client.chat.completions
        .create(
          {
            model: request.model,
            messages: request.messages,
            stream: true,
            stream_options: { include_usage: true },
            ...(request.temperature !== undefined && { temperature: request.temperature }),
            ...(request.maxTokens !== undefined && { [limitName]: request.maxTokens }),
          },
          { signal },
        )
        .withResponse()
      requestId = request_id ?? undefined
      yield* events(chunks, requestId)
    } catch (error) {
      throw openaiError(error, requestId)
    }
  }

  return { stream: (request, signal) => withDeadlines('openai', (either) => call(request, either), signal, timeouts) }
}

async function* events(chunks: AsyncIterable<unknown>, requestId: string | undefined): AsyncGenerator<LlmEvent> {
  let stop: LlmEvent | undefined
  for await (const chunk of chunks) {
    const parsed = openaiChunkSchema.safeParse(chunk)
    if (!parsed.success) throw new ProviderError('provider_error', 'the provider sent an event of another shape', at(requestId))
    for (const event of openaiChunkEvents(parsed.data)) {
      if (event.type === 'stop') stop = event
      else yield event
    }
  }
  if (!stop) throw new ProviderError('network_error', 'the answer was cut off', at(requestId))
  yield stop
}

const at = (requestId: string | undefined) => ({ provider: 'openai', providerRequestId: requestId })
