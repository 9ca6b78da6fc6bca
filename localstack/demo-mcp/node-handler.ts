import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'

/** Handler of web requests, as `createMcpHandler` makes it. */
export type WebHandler = { fetch(request: Request): Promise<Response> }

/** A handler of web requests as one of Node's. A client that goes away aborts its request. */
export const nodeHandler =
  ({ fetch }: WebHandler) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const { status, headers, body } = await fetch(await toRequest(request, gone.signal))
    response.writeHead(status, Object.fromEntries(headers))
    if (!body) return void response.end()
    await pipeline(Readable.fromWeb(body as ReadableStream), response).catch((error: unknown) => {
      if (!gone.signal.aborted) throw error
    })
  }

async function toRequest(request: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const { method = 'GET', url = '/', headersDistinct } = request
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(new URL(url, 'http://localhost'), {
    method,
    headers,
    signal,
    ...(hasBody && { body: new Uint8Array(await buffer(request)) }),
  })
}
