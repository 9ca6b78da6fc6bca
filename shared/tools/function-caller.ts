/** What a function that is a tool is given. */
export type FunctionCall = {
  arguments: unknown
  /** The same for the same call: a function that has done it answers what it answered then. */
  idempotencyKey: string
  tenant: string
  agentId: string
  executionId: string
  callId: string
}

/** What such a function answers: a result, or what is wrong, in words for the model. */
export type FunctionAnswer = { result: unknown } | { error: { code: string; message: string } }

/**
 * Calls functions that were deployed as tools, by their names in `infra/declared-tools.ts`.
 *
 * @throws SluiceError `not_found` when the stage has no such function, `provider_error` when it broke down or answered something else, `rate_limit` when there is no
 *   capacity for it, `network_error`; the signal's reason
 */
export type FunctionCaller = (name: string, call: FunctionCall, signal: AbortSignal) => Promise<FunctionAnswer>
