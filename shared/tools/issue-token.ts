import * as z from 'zod'
import type { OAuthClient } from '#shared/llm/oauth-client.ts'
import { SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import { guardedFetch } from '#shared/platform/guarded-fetch.ts'
import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 64 * 1024

/** Assumed lifetime of a token if the answer names none, in seconds. If it is too long, the server answers 401 and a new token is requested. */
const DEFAULT_LIFETIME = 300
const LONGEST_LIFETIME = 86_400

/** RFC 6749, 5.1; some servers send the number as a string. */
const answerSchema = z.looseObject({
  access_token: z.string().regex(/^[\x21-\x7e]{1,16384}$/),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.coerce.number().positive().optional(),
})

/** RFC 6749, 5.2. Nothing else of the answer is passed on: it may repeat what was sent. */
const REFUSALS = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
])

/**
 * Requests an access token with the client credentials grant (RFC 6749, 4.4). Private addresses are refused, redirects are not followed.
 *
 * @throws SluiceError that names the secret, never its content: `authentication_error` when the client is refused; `rate_limit`,
 *   `timeout`, `network_error`, `provider_error`, `validation_error` for an address that may not be called
 */
export async function issueToken(
  { allowPrivate }: { allowPrivate: boolean },
  client: OAuthClient,
): Promise<{ token: string; lifetimeMs: number }> {
  const response = await ask(client, allowPrivate)
  const text = await response.text()
  if (!response.ok) throw refusal(client, response.status, text)
  const parsed = answerSchema.safeParse(jsonOrUndefined(text))
  if (!parsed.success)
    throw failure('provider_error', client, 'the token endpoint answered with something that is no bearer token')
  const { access_token: token, expires_in: seconds = DEFAULT_LIFETIME } = parsed.data
  return { token, lifetimeMs: Math.min(seconds, LONGEST_LIFETIME) * 1_000 }
}

async function ask({ tokenUrl, clientId, clientSecret, scope, audience, ...client }: OAuthClient, allowPrivate: boolean) {
  const asked = { grant_type: 'client_credentials', ...(scope && { scope }), ...(audience && { audience }) }
  const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')
  const headers = {
    accept: 'application/json',
    authorization: `Basic ${credentials}`,
    'content-type': 'application/x-www-form-urlencoded',
  }
  const request = { method: 'POST' as const, headers, body: new URLSearchParams(asked).toString() }
  try {
    return await guardedFetch(tokenUrl, request, { allowPrivate, timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES })
  } catch (thrown) {
    const { code } = toSluiceError(thrown)
    throw failure(code, client, `the token endpoint cannot be called (${code})`)
  }
}

function refusal(client: OAuthClient, status: number, text: string): SluiceError {
  if (status === 429) return failure('rate_limit', client, 'the token endpoint has had too many requests')
  if (status >= 500) return failure('provider_error', client, `the token endpoint answered with status ${status}`)
  if (status < 400) return failure('authentication_error', client, 'the token endpoint redirects, which is not followed')
  const { data } = z.looseObject({ error: z.string() }).safeParse(jsonOrUndefined(text))
  const why = data && REFUSALS.has(data.error) ? data.error : `status ${status}`
  return failure('authentication_error', client, `the token endpoint refused the client (${why})`)
}

/** Without a cause, which might contain the credentials. */
const failure = (code: ErrorCode, { secretName }: Pick<OAuthClient, 'secretName'>, what: string): SluiceError =>
  new SluiceError(code, `${what}; the secret "${secretName}" names it`, {
    expose: true,
    ...(code === 'authentication_error' && { retryable: false }),
  })
