import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { Problem } from '#shared/protocol/problem.ts'
import type { AccessToken } from './access-token.ts'
import { SluiceClientError } from './errors.ts'

export interface HttpOptions {
  baseUrl: string
  token: AccessToken
  /** Deadline of one call, in milliseconds. */
  requestMs: number
}

export interface HttpCall {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  idempotencyKey?: string | undefined
  headers?: Record<string, string>
  /**
   * Header for the access token, `authorization` when absent; false where another credential stands in {@link headers}. The streaming
   * door reads a header of its own: CloudFront signs with the usual one.
   */
  tokenHeader?: 'x-sluice-authorization' | false
  signal?: AbortSignal | undefined
}

/** Gives the answer as JSON; undefined when it is empty. The deadline holds for all of it. */
export type HttpCaller = <Answer>(path: string, call?: HttpCall) => Promise<Answer>

export type HttpClient = HttpCaller & {
  /** An answer whose body is read as it comes. The deadline holds for its head. */
  open(path: string, call?: HttpCall): Promise<Response>
}

/**
 * Calls the doors. A 401 asks for a fresh token, once. Throws {@link SluiceClientError} with the code of the problem, or `network_error`
 * when no answer came in time; throws the signal's reason when the caller aborted.
 */
export function createHttpClient({ baseUrl, token, requestMs }: HttpOptions): HttpClient {
  async function send(path: string, call: HttpCall, signal: AbortSignal): Promise<Response> {
    const { method = 'GET', body, idempotencyKey, tokenHeader = 'authorization' } = call
    const text = body === undefined ? null : JSON.stringify(body)
    const attempt = async (refresh: boolean): Promise<Response> => {
      const headers = new Headers(call.headers)
      if (tokenHeader) headers.set(tokenHeader, `Bearer ${await token.get({ refresh })}`)
      if (text !== null) headers.set('content-type', 'application/json')
      if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey)
      return fetch(new URL(path, baseUrl), { method, headers, body: text, signal })
    }
    const response = await attempt(false)
    return response.status === 401 && tokenHeader && token.canRefresh ? attempt(true) : response
  }

  /** @param read - takes what is wanted of a good answer, before the deadline */
  async function exchange<Result>(path: string, call: HttpCall, read: (response: Response) => Promise<Result>): Promise<Result> {
    const { signal } = call
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), requestMs)
    try {
      const response = await send(path, call, signal ? AbortSignal.any([signal, late.signal]) : late.signal)
      if (!response.ok) throw await toError(response)
      return await read(response)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof SluiceClientError) throw error
      throw new SluiceClientError('network_error', 'the server cannot be reached', { retryable: true, cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  const call = (path: string, options: HttpCall = {}) =>
    exchange(path, options, async (response) => (response.status === 204 ? undefined : response.json()))
  return Object.assign(call, {
    open: (path: string, options: HttpCall = {}) => exchange(path, options, async (response) => response),
  })
}

async function toError(response: Response): Promise<SluiceClientError> {
  const { status } = response
  const problem: Partial<Problem> = await response.json().catch(() => ({}))
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  return new SluiceClientError(problem.code ?? codeOf(status), problem.detail ?? `the server answered ${status}`, {
    status,
    retryable: status === 429 || status >= 500,
    retryAfterSeconds: Number.isNaN(retryAfter) ? undefined : retryAfter,
    errors: problem.errors,
    requestId: problem.requestId,
  })
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  429: 'rate_limit',
}

/** Code for an answer without a problem body, as gateways give it. */
const codeOf = (status: number): ErrorCode => CODES[status] ?? (status >= 500 ? 'unavailable' : 'validation_error')
