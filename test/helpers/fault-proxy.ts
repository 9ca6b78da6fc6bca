import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type FaultProxy = {
  url: string
  /** Faults that were injected. */
  counts: { throttled: number; gone: number; failed: number; tables: number; bus: number; objects: number }
  close(): Promise<void>
}

const POST_TO_CONNECTION = /\/@connections\//

/**
 * A proxy before the cloud that makes posts to sockets fail as API Gateway does under load: every 7th is answered with 429, every 11th
 * with 500, and every 60th finds its socket closed (and it is: the proxy closes it).
 *
 * @param services - also fails calls of DynamoDB (every 19th throttled, every 23rd done but answered with 500), EventBridge (every 2nd
 *   entry refused) and S3 (every 2nd call slowed down). Everything else passes untouched; SDKs send to queues by the
 *   queue's own address.
 */
export async function startFaultProxy(targetUrl: string, { services = false } = {}): Promise<FaultProxy> {
  const target = new URL(targetUrl)
  const counts = { throttled: 0, gone: 0, failed: 0, tables: 0, bus: 0, objects: 0 }
  const calls = { posts: 0, tables: 0, bus: 0, objects: 0 }

  async function forward(method: string, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = target
      const outgoing = request({ hostname, port, method, path: incoming.url, headers: incoming.headers }, resolve)
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  /** Fails a call of a service as the service would; undefined when this one passes. */
  async function failService(incoming: IncomingMessage, body: Buffer, response: ServerResponse): Promise<'answered' | undefined> {
    const target = String(incoming.headers['x-amz-target'] ?? '')
    if (target.startsWith('DynamoDB_')) {
      calls.tables += 1
      const isDone = calls.tables % 23 === 0
      if (!isDone && calls.tables % 19 !== 0) return undefined
      counts.tables += 1
      // The answer is lost on its way: the write stands all the same.
      if (isDone) (await forward('POST', incoming, body)).resume()
      refuse(response, isDone ? 500 : 400, isDone ? 'InternalServerError' : 'ThrottlingException')
      return 'answered'
    }
    if (target === 'AWSEvents.PutEvents') {
      calls.bus += 1
      if (calls.bus % 2 !== 0) return undefined
      counts.bus += 1
      const { Entries } = JSON.parse(body.toString()) as { Entries: unknown[] }
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      const refused = Entries.map(() => ({ ErrorCode: 'ThrottlingException', ErrorMessage: 'injected' }))
      response.end(JSON.stringify({ FailedEntryCount: refused.length, Entries: refused }))
      return 'answered'
    }
    if (/x-id=(Put|Get)Object/.test(incoming.url ?? '')) {
      calls.objects += 1
      if (calls.objects % 2 !== 0) return undefined
      counts.objects += 1
      response.writeHead(503, { 'content-type': 'application/xml' })
      response.end('<Error><Code>SlowDown</Code><Message>injected</Message></Error>')
      return 'answered'
    }
    return undefined
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming)
    if (incoming.method === 'POST' && POST_TO_CONNECTION.test(incoming.url ?? '')) {
      calls.posts += 1
      if (calls.posts % 60 === 0) {
        counts.gone += 1
        const { 'content-length': _length, ...headers } = incoming.headers
        incoming.headers = headers
        await forward('DELETE', incoming, Buffer.alloc(0)).then((answer) => answer.resume())
        return refuse(response, 410, 'GoneException')
      }
      if (calls.posts % 11 === 0) {
        counts.failed += 1
        return refuse(response, 500, 'InternalServerError')
      }
      if (calls.posts % 7 === 0) {
        counts.throttled += 1
        return refuse(response, 429, 'LimitExceededException')
      }
    }
    const answer =
      (services && (await failService(incoming, body, response))) || (await forward(incoming.method ?? 'GET', incoming, body))
    if (answer === 'answered') return
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
