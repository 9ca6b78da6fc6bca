import type { ImageType } from '#shared/protocol/image-type.ts'
import type { Generation } from '#shared/protocol/llm.ts'

/** A part of a user's message. Images are loaded before the call: vendors get bytes, never an address. */
export type LlmPart = { type: 'text'; text: string } | { type: 'image'; mediaType: ImageType; data: Uint8Array }

/** A call that the model asks for. */
export type LlmToolCall = {
  /** Unique in the conversation; made by us if the vendor gives none. */
  callId: string
  toolName: string
  /** The arguments as the model wrote them: meant to be JSON, not checked yet. */
  arguments: string
}

/** A turn of the conversation a model is given. */
export type LlmMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string | LlmPart[] }
  | {
      role: 'assistant'
      content: string
      toolCalls?: LlmToolCall[] | undefined
      /** What the vendor wants back with this turn, from its `state` event, such as signed thoughts. JSON; other vendors ignore it. */
      state?: LlmState | undefined
    }
  | { role: 'tool'; callId: string; toolName: string; content: string; isError?: boolean | undefined }

export type LlmState = { provider: string; value: unknown }

/** A JSON Schema. */
export type JsonSchema = Record<string, unknown>

/** A tool as it is described to the model. */
export type LlmTool = { name: string; description: string; parameters: JsonSchema }

export type LlmRequest = Generation & {
  model: string
  messages: LlmMessage[]
  tools?: LlmTool[] | undefined
  /** @default 'auto' where there are tools */
  toolChoice?: 'auto' | 'none' | 'required' | undefined
  /** The schema that the answer must fit. Sent to vendors that support it; the answer is validated in any case. */
  output?: { name: string; schema: JsonSchema } | undefined
}

/** Tokens of one call. */
export type LlmUsage = {
  inputTokens: number
  outputTokens: number
  /** Part of the input that the vendor read from its own cache. */
  cachedInputTokens?: number | undefined
  /** Part of the output that was thinking. */
  reasoningTokens?: number | undefined
}

export const STOP_REASONS = ['end', 'length', 'stop_sequence', 'tool_calls', 'content_filter', 'refusal'] as const
export type StopReason = (typeof STOP_REASONS)[number]

/** The events of one call, in order. `stop` is the last event of every call that succeeds. */
export type LlmEvent =
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string }
  /** Always complete: emitted once the model has finished writing it. */
  | { type: 'tool_call'; call: LlmToolCall }
  /** To be sent back with this turn; see {@link LlmMessage}. */
  | { type: 'state'; state: LlmState }
  /** Something was not done as requested, such as a parameter that the provider does not support. */
  | { type: 'warning'; text: string }
  /** Which model is asked next; `usage` starts again from zero. `cached`: the answer comes from the cache, and the model is not called. */
  | { type: 'model'; provider: string; model: string; cached?: boolean | undefined }
  /** The total of the call so far: a provider may send it several times, growing. `costMicroUsd` if the price is known. */
  | ({ type: 'usage'; costMicroUsd?: number | undefined } & LlmUsage)
  | { type: 'stop'; reason: StopReason }

/** The port of this room: one vendor with one key. Everything that wraps a call (keys, fallbacks, breaker, cache, budgets) has this shape too. */
export type LlmProvider = {
  /**
   * Calls the model once; adapters never retry.
   *
   * @throws ProviderError with one of the codes rate_limit, timeout, network_error, provider_error, authentication_error,
   *   content_filter, context_length_exceeded, validation_error; or the signal's reason when it aborts
   */
  stream(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent>
}
