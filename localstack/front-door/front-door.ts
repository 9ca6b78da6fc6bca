import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { ValidationError } from '#shared/platform/errors.ts'
import { SOCKET_STAGE } from '#shared/protocol/routes.ts'
import { socketAlias } from '#shared/protocol/socket-alias.ts'
import { doorOf } from './doors.ts'
import { httpProxy } from './http-proxy.ts'
import { sendProblem } from './problem.ts'
import { tunnelSocket } from './socket-tunnel.ts'
import { serveStatic } from './static-files.ts'

/** An emulator runs a process for every call that is under way: a burst waits here, and the machine stays alive. */
const HTTP_CONCURRENCY = 16

export type FrontDoorOptions = {
  /** 0 takes any free one. */
  port: number
  /** Endpoint of the cloud: its APIs are reached below `/_aws/execute-api`. */
  endpointUrl: string
  httpApiId: string
  socketApiId: string
  /** Where the streaming function is served. */
  streamUrl: string
  /** Folder of the built console. */
  consoleDirectory: string
}

export type FrontDoor = { url: string; close(): Promise<void> }

/** One origin for all doors, made from the same route map as the CloudFront distribution of a deployed stage. */
export async function startFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const httpApi = httpProxy(HTTP_CONCURRENCY)
  const streams = httpProxy()
  const sockets = new Set<Duplex>()
  const api = (apiId: string, stage: string, path: string) =>
    new URL(`${options.endpointUrl}/_aws/execute-api/${apiId}/${stage}${path}`)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = addressOf(request)
    switch (doorOf(pathname)) {
      case 'http':
        return httpApi.forward(request, response, api(options.httpApiId, '$default', pathname + search))
      case 'streams':
        return streams.forward(request, response, new URL(pathname + search, options.streamUrl))
      case 'socket':
        response.setHeader('upgrade', 'websocket')
        return sendProblem(response, new ValidationError('this path speaks WebSocket'), 426)
      case 'console':
        return serveStatic(request, response, options.consoleDirectory)
    }
  }

  const server = createServer((request, response) => void serve(request, response))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
    const { pathname, search } = addressOf(request)
    const alias = doorOf(pathname) === 'socket' ? socketAlias(pathname) : undefined
    if (!alias) return socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    const target = api(options.socketApiId, SOCKET_STAGE, search)
    for (const [name, value] of Object.entries(alias)) target.searchParams.set(name, value)
    tunnelSocket(request, socket, head, target)
  })
  server.listen(options.port, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      httpApi.close()
      streams.close()
      await closed
    },
  }
}

const addressOf = (request: IncomingMessage): URL => new URL(`http://localhost${request.url ?? '/'}`)
