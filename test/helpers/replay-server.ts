import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** An answer to be replayed as it is. */
export type Reply = {
  /** @default 200 */
  status?: number
  /** @default an event stream of the request `req_replay` */
  headers?: Record<string, string>
  /** Written one by one, so that the client reads them one by one: each is an HTTP chunk of its own. */
  chunks?: readonly (Uint8Array | string)[]
  /** What comes after the chunks: the end, a destroyed connection, or nothing. @default end */
  ending?: 'end' | 'cut' | 'silence'
}

export type ReplayedRequest = {
  method: string
  /** Path and query. */
  path: string
  headers: NodeJS.Dict<string | string[]>
  body: unknown
}

export type ReplayServer = {
  /** `http://127.0.0.1:<port>` */
  rootUrl: string
  /** The same with `/v1`. */
  url: string
  /** Sets the answer to every request from now on. */
  reply(reply: Reply): void
  /** Requests so far. */
  requests: ReplayedRequest[]
  /** Breaks the connection of the last request. */
  cut(): void
  /** Resolves when the connection of the last request is closed. */
  closed(): Promise<void>
  close(): Promise<void>
}

const EVENT_STREAM = { 'content-type': 'text/event-stream', 'x-request-id': 'req_replay' }

/** A server for one client that answers what a test tells it. */
export async function startReplayServer(): Promise<ReplayServer> {
  let current: Reply = {}
  let last: ServerResponse | undefined
  let connectionClosed: Promise<unknown> = Promise.resolve()
  const requests: ReplayedRequest[] = []
  const server = createServer(async (request, response) => {
    const { status = 200, headers = EVENT_STREAM, chunks = [], ending = 'end' } = current
    last = response
    connectionClosed = once(response, 'close')
    const { method = '', url: path = '', headers: sent } = request
    requests.push({ method, path, headers: sent, body: JSON.parse(await text(request)) })
    response.writeHead(status, headers).flushHeaders()
    for (const chunk of chunks) response.write(chunk)
    if (ending === 'end') response.end()
    // What was written must arrive before the connection goes.
    if (ending === 'cut') response.write('', () => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const rootUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    rootUrl,
    url: `${rootUrl}/v1`,
    requests,
    reply(reply) {
      current = reply
    },
    cut() {
      last?.destroy()
    },
    async closed() {
      await connectionClosed
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
