import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { SluiceError } from '#shared/platform/errors.ts'

/** No answer is kept by a cache, guessed to be another type, or shown in a frame (OWASP REST Security Cheat Sheet). */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
}

export function jsonResponse(
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  if (body === undefined) return { statusCode, headers: { ...SECURITY_HEADERS, ...headers } }
  return textResponse(statusCode, JSON.stringify(body), { 'content-type': 'application/json', ...headers })
}

export const textResponse = (
  statusCode: number,
  body: string,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 => ({ statusCode, headers: { ...SECURITY_HEADERS, ...headers }, body })

/** Most bytes of JSON that Lambda takes of a function for an answer; in place of a larger one it tells the caller of an error of ours. */
const MAX_RESPONSE_BYTES = 6_291_556
/** Shortest body whose answer may be too large, in UTF-16 code units: each takes up to three bytes, or two characters where it is written as JSON again. */
const LONG_BODY = 1_000_000

/** @throws SluiceError `payload_too_large` for an answer that Lambda would not send */
export function sendable(response: APIGatewayProxyStructuredResultV2): APIGatewayProxyStructuredResultV2 {
  const isLong = (response.body?.length ?? 0) > LONG_BODY
  if (isLong && Buffer.byteLength(JSON.stringify(response)) > MAX_RESPONSE_BYTES)
    throw new SluiceError('payload_too_large', 'the answer is larger than the 6 MB that can be sent: ask for less at once')
  return response
}
