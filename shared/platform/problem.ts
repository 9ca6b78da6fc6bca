import type { Problem } from '#shared/protocol/problem.ts'
import type { SluiceError } from './errors.ts'
import { MethodNotAllowedError } from './method-not-allowed-error.ts'

/** Pause that a client is told when the error does not say one, in seconds. */
const DEFAULT_RETRY_AFTER = 1

/** The request that a problem is about; `path` without what nobody may keep, since problems are kept in logs and tickets. */
export type ProblemRequest = { requestId: string; path: string }

/** An error as a problem (RFC 9457). What is not meant for the caller stays in the log, under the same request id. */
export function toProblem(error: SluiceError, request?: ProblemRequest): Problem {
  return {
    type: `urn:sluice:error:${error.code}`,
    title: titleOf(error.code),
    status: error.status,
    code: error.code,
    detail: error.expose ? error.message : 'something went wrong on our side; the log has it under the request id',
    ...(request && { instance: encodeURI(request.path), requestId: request.requestId }),
    ...(error.providerFailure && { provider: error.providerFailure }),
    ...(error.fields && { errors: error.fields }),
  }
}

/** The headers that a status asks for (RFC 9110): 401 a challenge, 405 the methods, 429 and 503 a pause. */
export function problemHeaders(error: SluiceError): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    ...(error.status === 401 && { 'www-authenticate': 'Bearer realm="sluice"' }),
    ...(error instanceof MethodNotAllowedError && { allow: error.allowed.join(', ') }),
    ...((error.status === 429 || error.status === 503) && {
      'retry-after': String(Math.ceil(error.retryAfterSeconds ?? DEFAULT_RETRY_AFTER)),
    }),
  }
}

/** `validation_error` → `Validation error`. */
const titleOf = (code: string): string => (code.charAt(0).toUpperCase() + code.slice(1)).replaceAll('_', ' ')
