import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { LambdaFunctionURLEvent } from 'aws-lambda'

/**
 * A request as a function URL hands it to its function, payload format 2.0.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload
 */
export function functionUrlEvent(request: IncomingMessage, body: Buffer, now: number): LambdaFunctionURLEvent {
  const url = new URL(`http://localhost${request.url ?? '/'}`)
  const { cookie, ...headers } = request.headers
  const method = request.method ?? 'GET'
  const host = request.headers.host ?? ''
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: joined(headers),
    ...(url.search.length > 1 ? { queryStringParameters: query(url) } : {}),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: host,
      domainPrefix: host.split('.')[0] ?? '',
      http: {
        method,
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date(now).toUTCString(),
      timeEpoch: now,
    },
    ...(body.length === 0 ? { isBase64Encoded: false } : encoded(body, request.headers['content-type'])),
  }
}

/** Repeated headers are one, separated by commas. */
function joined(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]),
  )
}

/** Repeated parameters are one, separated by commas. */
function query(url: URL): Record<string, string> {
  return Object.fromEntries([...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name).join(',')]))
}

/** Texts go as they are, anything else in Base64. */
function encoded(body: Buffer, contentType = ''): { body: string; isBase64Encoded: boolean } {
  const isText = /^(text\/|application\/(json|javascript|xml|[\w.-]+\+json))/.test(contentType)
  return isText ? { body: body.toString(), isBase64Encoded: false } : { body: body.toString('base64'), isBase64Encoded: true }
}
