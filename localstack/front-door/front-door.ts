import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { ForbiddenError, SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { LOCAL_SIGN_IN_PATH, SOCKET_STAGE } from '#shared/protocol/routes.ts'
import { socketAlias } from '#shared/protocol/socket-alias.ts'
import { doorOf } from './doors.ts'
import { httpProxy } from './http-proxy.ts'
import type { Preflight } from './preflight.ts'
import { sendProblem } from './problem.ts'
import { isOwnRequest } from './same-origin.ts'
import { type SignIn, serveSignIn } from './sign-in.ts'
import { tunnelSocket } from './socket-tunnel.ts'
import { serveStatic } from './static-files.ts'

/** An emulator runs a process for every call that is under way: a burst waits here, and the machine stays alive. */
const HTTP_CONCURRENCY = 16

const FOREIGN = 'authentication is off, so only this machine gets in'

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
  /** Signs a developer in at {@link LOCAL_SIGN_IN_PATH}; absent: nobody. */
  signIn?: SignIn
  /** Answers `OPTIONS` of the HTTP API, which the emulator refuses. Absent: it is passed on like any other request. */
  preflight?: Preflight
  /** Authentication is off: no page of another origin may use that. @default false */
  open?: boolean
}

export type FrontDoor = { url: string; close(): Promise<void> }

/** One origin for all doors, made from the same route map as the CloudFront distribution of a deployed stage. */
export async function startFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const httpApi = httpProxy(HTTP_CONCURRENCY)
  const streams = httpProxy()
  const sockets = new Set<Duplex>()
  const api = (apiId: string, stage: string, path: string) =>
    new URL(`${options.endpointUrl}/_aws/execute-api/${apiId}/${stage}${path}`)

  const isForeign = (request: IncomingMessage) => options.open === true && !isOwnRequest(request)

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isForeign(request)) return sendProblem(response, new ForbiddenError(FOREIGN))
    const { pathname, search } = addressOf(request)
    if (options.signIn && pathname === LOCAL_SIGN_IN_PATH) return serveSignIn(request, response, options.signIn)
    switch (doorOf(pathname)) {
      case 'http':
        if (request.method === 'OPTIONS' && options.preflight) return preflight(request, response, options.preflight)
        return httpApi.forward(request, response, api(options.httpApiId, '$default', pathname + search))
      case 'streams':
      case 'openai':
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
    if (isForeign(request)) return socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
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

async function preflight(request: IncomingMessage, response: ServerResponse, answer: Preflight): Promise<void> {
  try {
    await answer(request, response)
  } catch (error) {
    sendProblem(response, new SluiceError('unavailable', 'the function does not answer', { cause: error }))
  }
}

const addressOf = (request: IncomingMessage): URL => new URL(`http://localhost${request.url ?? '/'}`)
