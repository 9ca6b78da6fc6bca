import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type FrontDoor, startFrontDoor } from '../../../localstack/front-door/front-door.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A cloud that answers as a test says, and speaks WebSocket without echoing the subprotocol, as the emulator does. */
async function startCloud() {
  const requests: string[] = []
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => false })
  let answer: Answer = (_, response) => {
    response.end()
  }
  let refusal: number | undefined
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    void answer(request, response)
  })
  server.on('upgrade', (request, socket, head) => {
    requests.push(`UPGRADE ${request.url} ${request.headers['sec-websocket-protocol'] ?? ''}`)
    if (refusal) return socket.end(`HTTP/1.1 ${refusal} Refused\r\nContent-Length: 0\r\n\r\n`)
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sockets,
    answerWith: (next: Answer) => {
      answer = next
    },
    refuseWith: (status: number | undefined) => {
      refusal = status
    },
    close: () => {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('the front door', () => {
  let cloud: Awaited<ReturnType<typeof startCloud>>
  let door: FrontDoor
  let consoleDirectory = ''

  beforeAll(async () => {
    cloud = await startCloud()
    consoleDirectory = await mkdtemp(join(tmpdir(), 'sluice-console-'))
    await mkdir(join(consoleDirectory, 'assets'))
    await writeFile(join(consoleDirectory, 'index.html'), '<title>Sluice</title>')
    await writeFile(join(consoleDirectory, 'assets', 'index-1.js'), 'export {}')
    const streamUrl = `${cloud.url}/stream-host`
    door = await startFrontDoor({
      port: 0,
      endpointUrl: cloud.url,
      httpApiId: 'api',
      socketApiId: 'ws',
      streamUrl,
      consoleDirectory,
    })
  })
  afterAll(async () => {
    await door.close()
    cloud.close()
    await rm(consoleDirectory, { recursive: true })
  })

  const socketUrl = (query = '') => `${door.url.replace('http', 'ws')}/socket${query}`

  describe('HTTP', () => {
    it('passes method, path, query, body and headers to the API, and status, headers and body back', async () => {
      cloud.answerWith(async (request, response) => {
        response.writeHead(202, { 'x-seen': `${request.headers.authorization}`, 'content-type': 'application/json' })
        response.end(await text(request))
      })

      const response = await fetch(`${door.url}/v1/executions?x=a%20b`, {
        method: 'POST',
        headers: { authorization: 'Bearer t' },
        body: '{"ä":1}',
      })

      expect(cloud.requests.at(-1)).toBe('POST /_aws/execute-api/api/$default/v1/executions?x=a%20b')
      expect(response.status).toBe(202)
      expect(response.headers.get('x-seen')).toBe('Bearer t')
      expect(await response.text()).toBe('{"ä":1}')
    })

    it('passes a stream on as it comes, and ends it when the caller goes away', async () => {
      const ended = Promise.withResolvers<void>()
      cloud.answerWith((_, response) => {
        response.once('close', () => ended.resolve())
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('id: 0\n\n')
      })
      const caller = new AbortController()

      const response = await fetch(`${door.url}/streams/executions/1?after=-1`, { signal: caller.signal })
      const first = await response.body?.getReader().read()

      expect(cloud.requests.at(-1)).toBe('GET /streams/executions/1?after=-1')
      expect(Buffer.from(first?.value ?? []).toString()).toBe('id: 0\n\n')
      caller.abort()
      await ended.promise
    })

    it('says so when the cloud does not answer', async () => {
      const lonely = await startFrontDoor({
        port: 0,
        endpointUrl: 'http://127.0.0.1:1',
        httpApiId: 'api',
        socketApiId: 'ws',
        streamUrl: 'http://127.0.0.1:1',
        consoleDirectory,
      })
      const response = await fetch(`${lonely.url}/v1/agents`)
      const socket = new WebSocket(`${lonely.url.replace('http', 'ws')}/socket`)
      const [, refusal] = await once(socket, 'unexpected-response')
      await lonely.close()

      expect(response.status).toBe(502)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(await response.json()).toMatchObject({ code: 'network_error', status: 502, instance: '/v1/agents' })
      expect(refusal.statusCode).toBe(502)
    })
  })

  describe('WebSocket', () => {
    it.each([
      ['/ws', ''],
      ['/ws/health', '&endpoint=health'],
      ['/ws/agent-stream/e-1', '&executionId=e-1&view=flat'],
    ])('is opened at %s too', async (path, query) => {
      const socket = new WebSocket(`${door.url.replace('http', 'ws')}${path}?ticket=t`)
      await once(socket, 'open')

      expect(cloud.requests.at(-1)).toBe(`UPGRADE /_aws/execute-api/ws/socket?ticket=t${query} `)
      socket.terminate()
    })

    it('is not opened below its other addresses', async () => {
      const socket = new WebSocket(`${door.url.replace('http', 'ws')}/ws/health/more`)
      const [, response] = await once(socket, 'unexpected-response')

      expect(response.statusCode).toBe(404)
    })

    it.each(['sluice.v1', 'graphql-transport-ws'])('echoes %s, never the ticket, and passes both on', async (subprotocol) => {
      const socket = new WebSocket(socketUrl('?a=1'), [subprotocol, 'ticket.secret'])
      await once(socket, 'open')

      expect(socket.protocol).toBe(subprotocol)
      expect(cloud.requests.at(-1)).toBe(`UPGRADE /_aws/execute-api/ws/socket?a=1 ${subprotocol},ticket.secret`)
      socket.terminate()
    })

    it('echoes nothing that was not offered', async () => {
      const socket = new WebSocket(socketUrl())
      await once(socket, 'open')

      expect(socket.protocol).toBe('')
      socket.terminate()
    })

    it('carries frames, pings and close codes both ways', async () => {
      cloud.sockets.once('connection', (server: WebSocket) => {
        server.on('message', (data) => server.send(`${data}!`))
        server.once('close', (code, reason) => server.emit('closed', code, String(reason)))
        server.send('welcome')
      })
      const connected = once(cloud.sockets, 'connection')
      const socket = new WebSocket(socketUrl(), ['sluice.v1'])
      const [welcome] = await once(socket, 'message')
      const [server] = (await connected) as [WebSocket]

      socket.send('x'.repeat(100_000))
      const [echo] = await once(socket, 'message')
      socket.ping()
      await once(socket, 'pong')
      const closed = once(server, 'closed')
      socket.close(4001, 'enough')

      expect(String(welcome)).toBe('welcome')
      expect(String(echo)).toHaveLength(100_001)
      expect(await closed).toEqual([4001, 'enough'])
    })

    it.each([
      { refused: 403, seen: 401, why: 'the emulator answers 403 where API Gateway passes on the handler’s 401' },
      { refused: 429, seen: 429, why: 'other refusals are passed on' },
    ])('a handshake refused with $refused is answered with $seen: $why', async ({ refused, seen }) => {
      cloud.refuseWith(refused)
      const socket = new WebSocket(socketUrl(), ['sluice.v1'])
      const [, response] = await once(socket, 'unexpected-response')
      cloud.refuseWith(undefined)

      expect(response.statusCode).toBe(seen)
    })

    it('is spoken on its own path alone, and nothing else is spoken there', async () => {
      const socket = new WebSocket(`${door.url.replace('http', 'ws')}/v1/agents`)
      const [, response] = await once(socket, 'unexpected-response')

      expect(response.statusCode).toBe(404)
      expect((await fetch(`${door.url}/socket`)).status).toBe(426)
    })

    it('ends at the cloud when the client breaks off', async () => {
      const connected = once(cloud.sockets, 'connection')
      const socket = new WebSocket(socketUrl())
      const [server] = (await connected) as [WebSocket]
      await once(socket, 'open')

      const closed = once(server, 'close')
      socket.terminate()
      await closed
    })
  })

  describe('console', () => {
    it.each([
      { path: '/', type: 'text/html; charset=utf-8', cache: 'no-cache' },
      { path: '/any/page', type: 'text/html; charset=utf-8', cache: 'no-cache' },
      { path: '/assets/index-1.js', type: 'text/javascript; charset=utf-8', cache: 'public, max-age=31536000, immutable' },
      { path: '/%E0%A4%A', type: 'text/html; charset=utf-8', cache: 'no-cache' },
    ])('serves $path', async ({ path, type, cache }) => {
      const response = await fetch(door.url + path)

      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe(type)
      expect(response.headers.get('cache-control')).toBe(cache)
    })

    it('serves nothing from outside of its folder', async () => {
      const response = await fetch(`${door.url}/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd`)

      expect(await response.text()).toContain('<title>Sluice</title>')
    })

    it('is only read', async () => {
      expect((await fetch(`${door.url}/`, { method: 'POST' })).status).toBe(405)
    })
  })
})
