import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { WebSocket, WebSocketServer } from 'ws'
import { memoryAccess } from '#shared/access/memory-access.ts'
import { issueTicket } from '#shared/access/tickets.ts'
import { mintToken } from '#shared/access/token.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { createAuditor } from '#shared/audit/auditor.ts'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import { memoryLimits } from '#shared/limits/memory-limits.ts'
import { GRAPHQL_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import type { ConnectionPoster } from '#shared/streams/connection-poster.ts'
import { memoryConnectionStore } from '#shared/streams/memory-connection-store.ts'
import { topicPublisher } from '#shared/streams/topic-publisher.ts'
import type { ConnectEvent } from '../../functions/socket/connect.ts'
import { createHandler } from '../../functions/socket/create-handler.ts'
import type { SocketDependencies } from '../../functions/socket/dependencies.ts'
import { TOKEN_SECRET } from './http-caller.ts'
import { messagingWorld } from './messaging.ts'
import { workerScene } from './worker.ts'

/**
 * The function `socket` behind a real WebSocket server in the place of API Gateway: it asks `$connect` before it accepts, hands every message
 * over by itself, without waiting for the one before, and has no close code but the normal one. With it a worker for the same stores.
 */
export async function graphqlSocket() {
  const scene = await workerScene()
  const { clock } = scene
  const sockets = new Map<string, WebSocket>()
  const poster: ConnectionPoster = {
    async post(connectionId, frame) {
      const socket = sockets.get(connectionId)
      if (socket?.readyState !== WebSocket.OPEN) return { status: 'gone' }
      socket.send(frame)
      return { status: 'sent' }
    },
    close: async (connectionId) => sockets.get(connectionId)?.close(1000),
  }
  const { sent: _, ...messaging } = messagingWorld(clock)
  const auditLog = memoryAuditLog()
  const limits = memoryLimits(clock)
  const dependencies: SocketDependencies = {
    ...scene.dependencies,
    poster,
    ...memoryAccess(TOKEN_SECRET, clock),
    connections: memoryConnectionStore(),
    audit: createAuditor({ auditLog, clock, log: scene.logger }),
    endpoints: {},
    allowPrivateCallbacks: false,
    limits: async () => limits,
    graphql: async () => ({
      ...dependencies,
      ...messaging,
      conversations: memoryConversationStore(clock),
    }),
  }
  const handler = createHandler(dependencies)
  const topics = topicPublisher({ ...scene.dependencies, poster })

  type EventType = ConnectEvent['requestContext']['eventType']
  const invoke = async (eventType: EventType, connectionId: string, event: Partial<ConnectEvent> = {}) => {
    const requestContext = { eventType, connectionId } as ConnectEvent['requestContext']
    const context = { getRemainingTimeInMillis: () => 29_000 } as Context
    return (await handler({ ...event, requestContext } as ConnectEvent, context)) as APIGatewayProxyStructuredResultV2
  }

  let connections = 0
  const server = createServer()
  server.on('upgrade', async (request, raw, head) => {
    connections++
    const connectionId = `c${connections}`
    const url = new URL(request.url ?? '/', 'ws://localhost')
    const queryStringParameters = Object.fromEntries(url.searchParams)
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const { statusCode, headers: answered } = await invoke('CONNECT', connectionId, { headers, queryStringParameters })
    if (statusCode !== 200) return raw.end(`HTTP/1.1 ${statusCode} Refused\r\nconnection: close\r\n\r\n`)
    const protocol = answered?.['Sec-WebSocket-Protocol']
    const gateway = new WebSocketServer({ noServer: true, handleProtocols: () => (protocol ? String(protocol) : false) })
    gateway.handleUpgrade(request, raw, head, (socket) => {
      sockets.set(connectionId, socket)
      socket.on('message', (data) => void invoke('MESSAGE', connectionId, { body: String(data) }))
      socket.on('close', () => void invoke('DISCONNECT', connectionId))
    })
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`

  const ada = (): VerifiedPrincipal => ({ subject: 'ada', tenant: 'acme', scopes: SCOPES, expiresAt: clock.now() + 3_600_000 })

  return {
    ...scene,
    dependencies,
    topics,
    url,
    connections: () => connections,
    /** A worker whose posts go to the sockets. */
    work: (...[answerer, item, faults]: Parameters<typeof scene.work>) => scene.work(answerer, item, { poster, ...faults }),
    ticket: async (principal: Partial<VerifiedPrincipal> = {}) =>
      (await issueTicket({ ...ada(), ...principal }, dependencies)).ticket,
    token: (principal: Partial<VerifiedPrincipal> = {}) =>
      mintToken({ ...ada(), ...principal, expiresInSeconds: 600 }, TOKEN_SECRET, clock),
    /** A socket for messages that no client would send. */
    raw: () => rawSocket(url),
    async close() {
      for (const socket of sockets.values()) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Answer = { type: string; id?: string; payload?: { extensions?: { code?: string } }[] }

async function rawSocket(url: string) {
  const socket = new WebSocket(url, GRAPHQL_SUBPROTOCOL)
  const received: Answer[] = []
  const waiting: ((answer: Answer) => void)[] = []
  socket.on('message', (data) => {
    const answer: Answer = JSON.parse(String(data))
    const next = waiting.shift()
    if (next) next(answer)
    else received.push(answer)
  })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  return {
    closed,
    protocol: socket.protocol,
    send: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    /** The next message that nobody has asked for yet. */
    next: () => {
      const answer = received.shift()
      return answer ? Promise.resolve(answer) : new Promise<Answer>((resolve) => waiting.push(resolve))
    },
  }
}
