import { ApiError } from '@google/genai/web'
import * as z from 'zod'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import { retryAfterSeconds } from '#shared/platform/retry-after.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import { connectionError, type ErrorSource } from './connection-error.ts'
import { errorAnswer } from './error-answer.ts'
import { errorCodeByStatus } from './error-code-by-status.ts'
import { ProviderError } from './provider-error.ts'

/** Google's names of errors. Source: google/rpc/code.proto; Gemini API, "Troubleshooting guide". */
const BY_STATUS: ReadonlyMap<string, ErrorCode> = new Map([
  ['UNAUTHENTICATED', 'authentication_error'],
  ['PERMISSION_DENIED', 'authentication_error'],
  ['RESOURCE_EXHAUSTED', 'rate_limit'],
  ['DEADLINE_EXCEEDED', 'timeout'],
])

/** Google reports a wrong key as an invalid argument; only the reason tells it apart. Source: google/api/error_reason.proto. */
const KEY_REASONS: ReadonlySet<string> = new Set(['API_KEY_INVALID', 'API_KEY_SERVICE_BLOCKED', 'API_KEY_HTTP_REFERRER_BLOCKED'])

/** The form of a status or a reason. Anything else may be free text that quotes a key, and is not passed on. */
const WORD = /^[A-Z_]{1,64}$/

/** The body of an error, the same in all Google APIs. Source: google/rpc/status.proto and error_details.proto. */
const errorBodySchema = z.object({
  error: z.object({
    status: z.string().optional(),
    details: z
      .array(z.object({ reason: z.string().optional(), retryDelay: z.string().optional(), requestId: z.string().optional() }))
      .optional(),
  }),
})

const byHttpStatus = (status: number): ErrorCode => (status === 504 ? 'timeout' : errorCodeByStatus(status))

/** Translates an error answer before the SDK sees it: the SDK would keep only the status, and a message that quotes the body. */
export async function googleAnswerError(response: Response): Promise<ProviderError> {
  const { status: name, details = [] } = errorBodySchema.safeParse(jsonOrUndefined(await response.text())).data?.error ?? {}
  const found = <Key extends 'reason' | 'retryDelay' | 'requestId'>(key: Key) => details.find((detail) => detail[key])?.[key]
  const reason = found('reason')
  const known = KEY_REASONS.has(reason ?? '') ? 'authentication_error' : BY_STATUS.get(name ?? '')
  const words = [name, reason].filter((text) => text !== undefined && WORD.test(text))
  const told = [response.status, ...words].join(', ')
  return new ProviderError(known ?? byHttpStatus(response.status), errorAnswer(response.status, told), {
    provider: 'google',
    providerStatus: response.status,
    providerCode: words[0],
    providerRequestId: found('requestId'),
    ...retryAfterSeconds(response.headers),
    ...delaySeconds(found('retryDelay')),
  })
}

/** A duration in JSON is seconds with an "s": `17s`, `0.5s`. */
function delaySeconds(duration: string | undefined): { retryAfterSeconds?: number } {
  const seconds = Number.parseFloat(/^(\d+(?:\.\d+)?)s$/.exec(duration ?? '')?.[1] ?? '')
  return Number.isNaN(seconds) ? {} : { retryAfterSeconds: seconds }
}

/** Translates what the SDK throws. The provider's own text is dropped, and the SDK's error is not kept as the cause: both quote the answer. */
export function googleError(error: unknown, responseId: string | undefined): ProviderError {
  if (error instanceof ProviderError) return error
  const source: ErrorSource = { provider: 'google', providerRequestId: responseId }
  // The SDK read a chunk that is not JSON.
  if (error instanceof SyntaxError) return new ProviderError('provider_error', 'the provider sent a malformed event', source)
  // An error inside the stream.
  if (error instanceof ApiError)
    return new ProviderError(byHttpStatus(error.status), `the provider ended with an error (${error.status})`, {
      ...source,
      providerStatus: error.status,
    })
  return connectionError(error, source)
}
