import * as z from 'zod'

/** Body of `POST /v1/chat/completions`, as far as it decides anything here. */
export const chatRequestSchema = z.object({
  model: z.string().min(1),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
})

export type ChatRequest = z.infer<typeof chatRequestSchema>

export type ChatUsage = { prompt_tokens: number; completion_tokens: number; total_tokens: number }

export type ChatAnswer = { id: string; created: number; model: string }

type Delta = { role?: 'assistant'; content?: string; reasoning_content?: string }

export function chunk(answer: ChatAnswer, delta: Delta, finishReason: string | null = null): object {
  return {
    ...answer,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  }
}

export function usageChunk(answer: ChatAnswer, usage: ChatUsage): object {
  return { ...answer, object: 'chat.completion.chunk', choices: [], usage }
}

export function completion(answer: ChatAnswer, content: string, finishReason: string, usage: ChatUsage): object {
  const message = { role: 'assistant', content, refusal: null }
  return {
    ...answer,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage,
  }
}

/** Error bodies as OpenAI writes them. Source: OpenAI API reference, "Error codes". */
export function errorBody(status: number): object {
  const [type, code, message] = ERRORS[status] ?? (status < 500 ? ERRORS[404] : ERRORS[500]) ?? []
  return { error: { message, type, param: null, code } }
}

const ERRORS: Readonly<Record<number, readonly [type: string, code: string | null, message: string]>> = {
  400: ['invalid_request_error', 'context_length_exceeded', 'The messages are longer than the context of this model.'],
  401: ['invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.'],
  404: ['invalid_request_error', 'not_found', 'There is no such thing here.'],
  422: ['invalid_request_error', 'invalid_body', 'The request is not valid.'],
  429: ['requests', 'rate_limit_exceeded', 'Too many requests.'],
  500: ['server_error', null, 'The server had an error.'],
}
