import type { ImageType } from '#shared/protocol/image-type.ts'
import type { Generation } from '#shared/protocol/llm.ts'

/** Part of what a user says. Images are read before the call: vendors are never given an address. */
export type LlmPart = { type: 'text'; text: string } | { type: 'image'; mediaType: ImageType; data: Uint8Array }

/** A call that the model asks for. */
export type LlmToolCall = {
  /** Unique in the conversation; ours where the vendor gives none. */
  callId: string
  toolName: string
  /** JSON as the model wrote it; nobody has looked whether it is any. */
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
      /** What the vendor wants back with this turn, as its `state` event gave it: signed thoughts, for instance. JSON; other vendors drop it. */
      state?: LlmState | undefined
    }
  | { role: 'tool'; callId: string; toolName: string; content: string; isError?: boolean | undefined }

export type LlmState = { provider: string; value: unknown }

/** A JSON Schema. */
export type JsonSchema = Record<string, unknown>

/** A tool as the model is told of it. */
export type LlmTool = { name: string; description: string; parameters: JsonSchema }

export type LlmRequest = Generation & {
  model: string
  messages: LlmMessage[]
  tools?: LlmTool[] | undefined
  /** @default 'auto' where there are tools */
  toolChoice?: 'auto' | 'none' | 'required' | undefined
  /** JSON that the answer must be; said to the vendor where it can be told, and never trusted. */
  output?: { name: string; schema: JsonSchema } | undefined
}

/** Tokens of one call. */
export type LlmUsage = {
  inputTokens: number
  outputTokens: number
  /** Part of the input that the vendor had in its own cache. */
  cachedInputTokens?: number | undefined
  /** Part of the output that was thinking. */
  reasoningTokens?: number | undefined
}

export const STOP_REASONS = ['end', 'length', 'stop_sequence', 'tool_calls', 'content_filter', 'refusal'] as const
export type StopReason = (typeof STOP_REASONS)[number]

/** What a model says, in order. `stop` is the last event of a call that ended well; a call without one was cut off. */
export type LlmEvent =
  | { type: 'text'; text: string }
  | { type: 'thinking'; text: string }
  /** Whole: told when the model has finished writing it. */
  | { type: 'tool_call'; call: LlmToolCall }
  /** To be sent back with this turn. */
  | { type: 'state'; state: LlmState }
  /** Something was not done as it was asked: a parameter that the provider does not know. */
  | { type: 'warning'; text: string }
  /** Who is asked; before the first word of each model. What `usage` says begins anew with it. `cached`: it said so before, and is not asked. */
  | { type: 'model'; provider: string; model: string; cached?: boolean | undefined }
  /** Each stands for the whole call: a provider that counts along says it again, greater. `costMicroUsd` where the price is known. */
  | ({ type: 'usage'; costMicroUsd?: number | undefined } & LlmUsage)
  | { type: 'stop'; reason: StopReason }

/** A model vendor, with one key. Everything around a call (keys, fallbacks, breaker, cache, budgets) has this shape too. */
export type LlmProvider = {
  /**
   * Calls the model once; an adapter retries nothing.
   *
   * @throws ProviderError with one of the codes rate_limit, timeout, network_error, provider_error, authentication_error,
   *   content_filter, context_length_exceeded, validation_error; or the signal's reason when it aborts
   */
  stream(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent>
}
