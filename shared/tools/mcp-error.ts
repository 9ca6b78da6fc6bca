import {
  InsufficientScopeError,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from '@modelcontextprotocol/client'
import { SluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import { plainText } from './plain-text.ts'
import { redact } from './redact.ts'

/** Longest error text of a server that is passed on, in characters. */
const MAX_MESSAGE = 500

/**
 * Translates what the MCP client throws. An error of our own guard is found among its causes, and returned as it is.
 *
 * @param secrets - values to remove from what the server says
 */
export function fromMcpError(thrown: unknown, secrets: readonly string[]): unknown {
  const said = (what: string, { message }: Error): string => `${what}: ${plainText(redact(message, secrets), MAX_MESSAGE)}`
  const own = ownCause(thrown)
  if (own) return own
  if (thrown instanceof UnauthorizedError)
    return new SluiceError('authentication_error', 'the server wants to know who calls', { cause: thrown })
  if (thrown instanceof InsufficientScopeError)
    return new SluiceError('authentication_error', 'the server wants a scope that the access token does not have', {
      cause: thrown,
    })
  if (thrown instanceof SdkHttpError) return fromStatus(thrown)
  if (thrown instanceof SdkError) {
    const code: ErrorCode = thrown.code === SdkErrorCode.RequestTimeout ? 'timeout' : 'provider_error'
    return new SluiceError(
      code,
      code === 'timeout' ? 'the server did not answer in time' : said('the server answered something else', thrown),
      { cause: thrown },
    )
  }
  if (thrown instanceof ProtocolError)
    return new SluiceError('provider_error', said('the server refused it', thrown), { cause: thrown, retryable: false })
  // Parse errors, of JSON and of schemas. A TypeError or ReferenceError is a fault of ours.
  if (thrown instanceof Error && !(thrown instanceof TypeError) && !(thrown instanceof ReferenceError))
    return new SluiceError('provider_error', 'the server answered something that is no message', { cause: thrown })
  return thrown
}

function ownCause(thrown: unknown): SluiceError | undefined {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++)
    if (error instanceof SluiceError) return error
  return undefined
}

function fromStatus(error: SdkHttpError): SluiceError {
  const { status } = error
  const code: ErrorCode =
    status === 401 || status === 403 ? 'authentication_error' : status === 429 ? 'rate_limit' : 'provider_error'
  return new SluiceError(code, `the server answered with status ${status}`, { cause: error })
}
