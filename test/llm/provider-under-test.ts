import type { LlmEvent, LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import type { LlmTimeouts } from '#shared/llm/llm-timeouts.ts'
import type { ProviderError } from '#shared/llm/provider-error.ts'
import type { Scenario } from './scenarios.ts'

/** One vendor in the matrix. Each stands in a file of its own under `providers/` and in the list `providers.ts`. */
export type ProviderUnderTest = {
  name: string
  /** The model that is asked. @default 'answer' */
  model?: string
  /**
   * The provider as the product makes it, official SDK included.
   *
   * @param rootUrl - `http://127.0.0.1:<port>`, without a path
   */
  open(server: { rootUrl: string; timeouts: LlmTimeouts }): LlmProvider
  cells: Record<Scenario, Cell>
}

export type Cell = ReplayedCell | InapplicableCell

/** The provider has no such thing: why. */
export type InapplicableCell = { inapplicable: string }

export type ReplayedCell = {
  /** What is asked besides, or instead of what the scenario asks. */
  request?: Partial<LlmRequest>
  /** What the server answers; nothing for a provider in process. */
  reply?: CellReply
  /** What the SDK must have sent. */
  sent?: SentRequest
  /** Exactly these, in order. Ids that are ours stand as `call_#1`, `call_#2`, … */
  events: readonly LlmEvent[]
  /** How the call ends when it does not end well. */
  error?: ExpectedError
}

export type CellReply = {
  /** @default 200 */
  status?: number
  headers?: Record<string, string>
  body: Uint8Array | string
  /**
   * What follows the body: its proper end; a connection that breaks when the client has read all the events that are expected; or nothing, with the
   * connection open.
   *
   * @default 'end'
   */
  ending?: 'end' | 'cut' | 'silence'
}

export type SentRequest = {
  method?: string
  /** Path and query. */
  path: string
  /** Headers that must be there, by lower-case name; undefined for one that must not. */
  headers?: Record<string, string | undefined>
  /** The whole body. */
  body: unknown
}

/** Every field is compared; one that is absent here must be absent there. */
export type ExpectedError = Pick<ProviderError, 'code' | 'retryable'> &
  Partial<Pick<ProviderError, 'provider' | 'providerStatus' | 'providerRequestId' | 'retryAfterSeconds' | 'message'>>
