/** A turn of the conversation a model is given. */
export type LlmMessage = { role: 'system' | 'user' | 'assistant'; content: string }

export type LlmRequest = {
  model: string
  messages: LlmMessage[]
  temperature?: number | undefined
  /** Upper bound of the answer, in tokens. */
  maxTokens?: number | undefined
}

/** What a model says, in order. `stop` is the last event of a call that ended well; a call without one was cut off. */
export type LlmEvent =
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string }
  | { type: 'usage'; inputTokens: number; outputTokens: number }
  | { type: 'stop'; reason: 'end' | 'length' | 'content_filter' | 'tool_calls' }

/** A model vendor. */
export type LlmProvider = {
  /**
   * Calls the model once; nothing is retried here.
   *
   * @throws ProviderError with one of the codes rate_limit, timeout, network_error, provider_error, authentication_error,
   *   content_filter, context_length_exceeded, validation_error; or the signal's reason when it aborts
   */
  stream(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent>
}
