import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type FaultProxy = {
  url: string
  /** Faults that were injected. */
  counts: { throttled: number; gone: number; failed: number }
  close(): Promise<void>
}

const POST_TO_CONNECTION = /\/@connections\//

/**
 * A proxy before the cloud that makes posts to sockets fail as API Gateway does under load: every 7th is answered with 429, every 11th
 * with 500, and every 60th finds its socket closed (and it is: the proxy closes it). Everything else passes untouched.
 */
export async function startFaultProxy(targetUrl: string): Promise<FaultProxy> {
  const target = new URL(targetUrl)
  const counts = { throttled: 0, gone: 0, failed: 0 }
  let posts = 0

  async function forward(method: string, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = target
      const outgoing = request({ hostname, port, method, path: incoming.url, headers: incoming.headers }, resolve)
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming)
    if (incoming.method === 'POST' && POST_TO_CONNECTION.test(incoming.url ?? '')) {
      posts += 1
      if (posts % 60 === 0) {
        counts.gone += 1
        const { 'content-length': _length, ...headers } = incoming.headers
        incoming.headers = headers
        await forward('DELETE', incoming, Buffer.alloc(0)).then((answer) => answer.resume())
        return refuse(response, 410, 'GoneException')
      }
      if (posts % 11 === 0) {
        counts.failed += 1
        return refuse(response, 500, 'InternalServerError')
      }
      if (posts % 7 === 0) {
        counts.throttled += 1
        return refuse(response, 429, 'LimitExceededException')
      }
    }
    const answer = await forward(incoming.method ?? 'GET', incoming, body)
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function refuse(response: ServerResponse, status: number, type: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type })
  response.end(JSON.stringify({ message: type, __type: type }))
}
