import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { Problem } from '#shared/protocol/problem.ts'
import { SluiceClientError } from './errors.ts'

/** An access token, or where to get a fresh one; asked before every call. */
export type TokenSource = string | (() => string | Promise<string>)

export interface HttpOptions {
  baseUrl: string
  token: TokenSource
  /** Deadline of one call, in milliseconds. */
  requestMs: number
}

export interface HttpCall {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
  idempotencyKey?: string | undefined
  signal?: AbortSignal | undefined
}

export type HttpClient = <Answer>(path: string, call?: HttpCall) => Promise<Answer>

/**
 * Calls the HTTP door; undefined when the answer is empty. Throws {@link SluiceClientError} with the code of the problem, or `network_error` when no answer came in
 * time; throws the signal's reason when the caller aborted.
 */
export function createHttpClient({ baseUrl, token, requestMs }: HttpOptions): HttpClient {
  return async (path, { method = 'GET', body, idempotencyKey, signal } = {}) => {
    const headers: Record<string, string> = { authorization: `Bearer ${typeof token === 'string' ? token : await token()}` }
    if (body !== undefined) headers['content-type'] = 'application/json'
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey
    const deadline = AbortSignal.timeout(requestMs)
    try {
      const response = await fetch(new URL(path, baseUrl), {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      })
      if (!response.ok) throw await toError(response)
      return response.status === 204 ? undefined : await response.json()
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof SluiceClientError) throw error
      throw new SluiceClientError('network_error', 'the server cannot be reached', { retryable: true, cause: error })
    }
  }
}

async function toError(response: Response): Promise<SluiceClientError> {
  const problem: Partial<Problem> = await response.json().catch(() => ({}))
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  return new SluiceClientError(
    problem.code ?? codeOf(response.status),
    problem.detail ?? `the server answered ${response.status}`,
    {
      status: response.status,
      retryable: response.status === 429 || response.status >= 500,
      ...(Number.isNaN(retryAfter) ? {} : { retryAfterSeconds: retryAfter }),
      ...(problem.errors ? { errors: problem.errors } : {}),
      ...(problem.requestId ? { requestId: problem.requestId } : {}),
    },
  )
}

/** Code for an answer without a problem body, as gateways give it. */
function codeOf(status: number): ErrorCode {
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not_found'
  if (status === 429) return 'rate_limit'
  return status >= 500 ? 'unavailable' : 'validation_error'
}
