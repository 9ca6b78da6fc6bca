import { toSluiceError } from '#shared/platform/errors.ts'
import type { guardedFetch } from '#shared/platform/guarded-fetch.ts'
import { retryAfterSeconds } from '#shared/platform/retry-after.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'

/** How a call to an address went. */
export type Outcome = {
  /** `gone`: the address wants nothing any more. `refused`: the same call would be refused again. `retry`: it may work later. */
  result: 'delivered' | 'gone' | 'refused' | 'retry'
  statusCode?: number
  error?: ErrorCode
  /** Pause that the address asked for. */
  retryAfterSeconds?: number
}

/** Time that an address has for its answer, in milliseconds. */
const TIMEOUT_MS = 10_000

export type PostDependencies = {
  fetch: typeof guardedFetch
  /** Whether addresses inside may be called: on the stage `local` alone. */
  allowPrivate: boolean
}

/** Posts JSON to an address that a user wrote. Errors are outcomes; only the signal's reason is thrown. */
export async function postLetter(
  { fetch, allowPrivate }: PostDependencies,
  { url, body, headers }: { url: string; body: string; headers: Record<string, string> },
  signal: AbortSignal,
): Promise<Outcome> {
  const request = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } } as const
  try {
    const response = await fetch(url, request, { allowPrivate, timeoutMs: TIMEOUT_MS, signal })
    return { result: resultOf(response.status), statusCode: response.status, ...retryAfterSeconds(response.headers) }
  } catch (thrown) {
    signal.throwIfAborted()
    const { code, retryable } = toSluiceError(thrown)
    return { result: retryable ? 'retry' : 'refused', error: code }
  }
}

/** A redirect is refused: it could lead to an address that nobody has agreed to. */
function resultOf(status: number): Outcome['result'] {
  if (status < 300) return 'delivered'
  if (status === 410) return 'gone'
  return status === 429 || status >= 500 ? 'retry' : 'refused'
}
