import type { ScriptedCall } from '#shared/llm/scripted-calls.ts'

export type ChatUsage = { prompt_tokens: number; completion_tokens: number; total_tokens: number }

export type ChatAnswer = { id: string; created: number; model: string }

type ToolCallDelta = { index: number; id?: string; type?: 'function'; function: { name?: string; arguments: string } }

type Delta = {
  role?: 'assistant'
  content?: string
  refusal?: string
  reasoning_content?: string
  tool_calls?: [ToolCallDelta]
}

/** The call with the position `index` in an answer. */
export const toolCallId = (answer: ChatAnswer, index: number): string => `call_${answer.id}_${index}`

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

/** An answer in one piece. */
export function completion(answer: ChatAnswer, said: Completion, finishReason: string, usage: ChatUsage): object {
  const message = {
    role: 'assistant',
    content: said.refused || said.text === '' ? null : said.text,
    refusal: said.refused ? said.text : null,
    ...(said.calls.length > 0 && {
      tool_calls: said.calls.map(({ toolName, arguments: json }, index) => ({
        id: toolCallId(answer, index),
        type: 'function',
        function: { name: toolName, arguments: json },
      })),
    }),
  }
  return {
    ...answer,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage,
  }
}

type Completion = { text: string; refused: boolean; calls: ScriptedCall[] }

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
