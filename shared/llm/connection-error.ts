import * as z from 'zod'
import { ProviderError } from './provider-error.ts'

/** Who was asked, and his id of the request when the answer had begun. */
export type ErrorSource = { provider: string; providerRequestId: string | undefined }

/** System errors that name what went wrong with a connection stand at the end of fetch's chain of causes. */
const systemErrorSchema = z.object({ code: z.string().regex(/^[A-Z_]+$/) })

/** @returns the code of the system or of the HTTP client, such as ECONNRESET */
export function systemCode(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const parsed = systemErrorSchema.safeParse(cause)
    if (parsed.success) return parsed.data.code
  }
  return undefined
}

/** What an SDK throws when there is no answer, or no end of one. The address is not told: whoever asks an agent need not know where the models of a stage are. */
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
