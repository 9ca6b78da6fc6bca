import * as z from 'zod'
import { ProviderError } from './provider-error.ts'

/** Who was asked, and his id of the request when the answer had begun. */
export type ErrorSource = {
  provider: string
  providerRequestId: string | undefined
  /** Where he answers; told where there is no connection. */
  baseUrl?: string | undefined
}

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

/** What an SDK throws when there is no answer, or no end of one. Of the address nothing but the host is told: all else may have a secret in it. */
export function connectionError(error: unknown, { baseUrl = '', ...source }: ErrorSource): ProviderError {
  const code = systemCode(error)
  const details = { ...source, cause: error }
  const host = URL.parse(baseUrl)?.host
  const who = `the provider ${source.provider}${host ? ` at ${host}` : ''}`
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new ProviderError('timeout', `${who} could not be reached in time`, details)
  return new ProviderError('network_error', `the connection to ${who} failed${code ? ` (${code})` : ''}`, details)
}
