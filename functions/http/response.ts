import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'

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
