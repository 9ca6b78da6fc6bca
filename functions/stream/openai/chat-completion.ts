import type { Usage } from '#shared/protocol/stream-event.ts'

/** What all parts of one answer have in common. Its id contains that of the execution, which can also be followed with our own protocol. */
export type ChatHead = {
  executionId: string
  agentId: string
  /** When it was asked for, RFC 3339. */
  createdAt: string
}

export type FinishReason = 'stop' | 'length' | 'content_filter'

/** Why the model stopped, in OpenAI's terms. `tool_calls` never occurs, because our executions call their tools themselves. */
export const finishReasonOf = (stopReason: string): FinishReason =>
  stopReason === 'length' || stopReason === 'content_filter' ? stopReason : 'stop'

/** A whole answer. */
export const chatCompletion = (head: ChatHead, content: string, finish: FinishReason, usage: Usage | undefined) => ({
  ...headOf(head, 'chat.completion'),
  choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: finish }],
  ...(usage && { usage: usageOf(usage) }),
})

/** A chunk of an answer: its role, some of its text, or why it ended. */
export const chatChunk = (
  head: ChatHead,
  delta: { role?: 'assistant'; content?: string },
  finish: FinishReason | null = null,
) => ({
  ...headOf(head, 'chat.completion.chunk'),
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
})

/** The usage, sent after the last chunk to callers that asked for it. */
export const usageChunk = (head: ChatHead, usage: Usage | undefined) => ({
  ...headOf(head, 'chat.completion.chunk'),
  choices: [],
  usage: usageOf(usage ?? { inputTokens: 0, outputTokens: 0 }),
})

const headOf = ({ executionId, agentId, createdAt }: ChatHead, object: string) => ({
  id: `chatcmpl-${executionId}`,
  object,
  created: Math.floor(Date.parse(createdAt) / 1_000),
  model: agentId,
})

const usageOf = ({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens }: Usage) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
  ...(cachedInputTokens !== undefined && { prompt_tokens_details: { cached_tokens: cachedInputTokens } }),
  ...(reasoningTokens !== undefined && { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
})
