import { once } from 'node:events'
import * as http from 'node:http'
import * as https from 'node:https'
import { globalHttpsAgent } from 'request-filtering-agent'
import { allowedUrl } from './allowed-url.ts'
import { SluiceError, ValidationError } from './errors.ts'

export type GuardedRequest = {
  /** @default 'GET' */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  headers?: Record<string, string>
  body?: string | Uint8Array
}

export type GuardedFetchOptions = {
  /** Lets `http:` and addresses of private networks through. True on the stage `local` alone. */
  allowPrivate: boolean
  /** Until the answer is here, in milliseconds. */
  timeoutMs: number
  /** Largest body of an answer, in bytes. Without it nothing of the body is read. */
  maxBytes?: number
  signal?: AbortSignal
}

/** Without the second a server may compress what it answers (RFC 9110, 12.5.3). */
const OWN_HEADERS = { 'user-agent': 'sluice', 'accept-encoding': 'identity' }

/** Statuses whose answers have no body (Fetch standard, "null body status"). */
const NO_BODY = new Set([204, 205, 304])

/**
 * Calls an address that a user wrote: a callback, a webhook, a document. Only public addresses are connected to; they are looked at when
 * the connection is made, after DNS, so neither a name nor an odd spelling leads inside (OWASP SSRF Prevention Cheat Sheet). Redirects are
 * answers like any other and are not followed.
 *
 * @returns the answer, whatever its status
 * @throws ValidationError when the address is not one that may be called
 * @throws SluiceError `timeout`, `network_error`, `payload_too_large` when the answer is larger than `maxBytes`, `unsupported` when it is compressed; the
 *   signal's reason
 */
export async function guardedFetch(url: string, init: GuardedRequest, options: GuardedFetchOptions): Promise<Response> {
  const target = allowedUrl(url, options.allowPrivate)
  const deadline = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline
  try {
    return await call(target, init, options, signal)
  } catch (error) {
    options.signal?.throwIfAborted()
    if (deadline.aborted) throw new SluiceError('timeout', `no answer within ${options.timeoutMs} ms`, { cause: error })
    if (error instanceof SluiceError) throw error
    // Every error of Node has a code; the agent's refusal of an address has none.
    if (error instanceof Error && !('code' in error)) throw new ValidationError(`"${target.host}" is not a public address`)
    throw new SluiceError('network_error', `"${target.host}" cannot be reached`, { cause: error })
  }
}

async function call(
  target: URL,
  { method = 'GET', headers = {}, body }: GuardedRequest,
  { allowPrivate, maxBytes }: GuardedFetchOptions,
  signal: AbortSignal,
): Promise<Response> {
  const { request: open } = target.protocol === 'https:' ? https : http
  const agent = allowPrivate ? false : globalHttpsAgent
  const request = open(target, { method, headers: { ...OWN_HEADERS, ...headers }, agent, signal })
  // From the answer's first byte on, what goes wrong is thrown by the answer; an event that nobody hears would end the process.
  request.on('error', () => {})
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const { statusCode = 0, headersDistinct } = response
  const bytes = maxBytes === undefined ? hangUp(response) : await read(plain(response), maxBytes)
  if (statusCode < 200 || statusCode > 599)
    throw new SluiceError('network_error', `"${target.host}" answered with no HTTP status`)
  const pairs = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  return new Response(NO_BODY.has(statusCode) ? null : bytes, { status: statusCode, headers: pairs })
}

function hangUp(response: http.IncomingMessage): null {
  response.destroy()
  return null
}

/** @throws SluiceError `unsupported` for an answer that is compressed all the same: it would be read as what it is not, and could be a bomb */
function plain(response: http.IncomingMessage): http.IncomingMessage {
  const { 'content-encoding': encoding = 'identity' } = response.headers
  if (encoding.toLowerCase() === 'identity') return response
  response.destroy()
  throw new SluiceError('unsupported', 'the answer is compressed, which nobody asked for')
}

async function read(response: http.IncomingMessage, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += chunk.length
    if (size > maxBytes) throw new SluiceError('payload_too_large', `the answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
