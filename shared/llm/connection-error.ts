import * as z from 'zod'
import { ProviderError } from './provider-error.ts'

/** Which provider was asked, and its id of the request if the answer had begun. */
export type ErrorSource = { provider: string; providerRequestId: string | undefined }

/** `fetch` wraps the system error that names what went wrong: it is at the end of the chain of causes. */
const systemErrorSchema = z.object({ code: z.string().regex(/^[A-Z_]+$/) })

/** @returns the code of the system or of the HTTP client, such as ECONNRESET */
export function systemCode(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const parsed = systemErrorSchema.safeParse(cause)
    if (parsed.success) return parsed.data.code
  }
  return undefined
}

/**
 * Translates what an SDK throws when no answer comes, or an answer breaks off. The message leaves out the address: callers of an agent need not know
 * where a stage's models are.
 */
export function connectionError(error: unknown, source: ErrorSource): ProviderError {
  const code = systemCode(error)
  const details = { ...source, cause: error }
  if (code === 'UND_ERR_CONNECT_TIMEOUT')
    return new ProviderError('timeout', `the provider ${source.provider} could not be reached in time`, details)
  return new ProviderError(
    'network_error',
    `the connection to the provider ${source.provider} failed${code ? ` (${code})` : ''}`,
    details,
  )
}
