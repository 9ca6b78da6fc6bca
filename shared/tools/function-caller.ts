/** The event that a tool function receives. */
export type FunctionCall = {
  arguments: unknown
  /** The same for a repeated call: a function that has done it already returns its first answer. */
  idempotencyKey: string
  tenant: string
  agentId: string
  executionId: string
  callId: string
}

/** The answer of a tool function: a result, or an error in words for the model. */
export type FunctionAnswer = { result: unknown } | { error: { code: string; message: string } }

/**
 * Calls functions that were deployed as tools, by their names in `infra/declared-tools.ts`.
 *
 * @throws SluiceError `not_found` when the stage has no such function, `provider_error` when it broke down or answered something else, `rate_limit` when there is no
 *   capacity for it, `network_error`; the signal's reason
 */
export type FunctionCaller = (name: string, call: FunctionCall, signal: AbortSignal) => Promise<FunctionAnswer>
