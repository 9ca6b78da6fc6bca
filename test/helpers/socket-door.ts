import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'
import { memoryAccess } from '#shared/access/memory-access.ts'
import { issueTicket } from '#shared/access/tickets.ts'
import { mintToken } from '#shared/access/token.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { createAuditor } from '#shared/audit/auditor.ts'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { type LimitSettings, memoryLimits } from '#shared/limits/memory-limits.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { Connection } from '#shared/streams/connection-store.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryConnectionStore } from '#shared/streams/memory-connection-store.ts'
import { memoryConnectionTaskQueue } from '#shared/streams/memory-connection-task-queue.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import type { ConnectEvent } from '../../functions/socket/connect.ts'
import { createHandler } from '../../functions/socket/create-handler.ts'
import type { SocketDependencies } from '../../functions/socket/dependencies.ts'
import { memoryWorld } from './executions.ts'
import { TOKEN_SECRET } from './http-caller.ts'

type EventType = ConnectEvent['requestContext']['eventType']

export type Handshake = { headers?: Record<string, string>; query?: Record<string, string> }

const ada: VerifiedPrincipal = { subject: 'ada', tenant: 'acme', scopes: SCOPES, expiresAt: Date.parse('2026-11-21T10:30:00Z') }

/** As the gateway picks a route, of which it knows these: by the id of the frame. */
function routeOf(body: string | undefined): string {
  const [, id] = /"id":"(\$connect|\$disconnect)"/.exec(body ?? '') ?? []
  return id ?? '$default'
}

/** The function `socket` over adapters in memory. */
export function socketDoor(overrides: Partial<SocketDependencies> = {}, settings: LimitSettings = {}) {
  let now = Date.parse('2026-11-21T09:30:00Z')
  const clock = { now: () => now }
  const { log, gates: _, approvals, ...stores } = memoryWorld(clock)
  const poster = memoryConnectionPoster()
  const workQueue = memoryWorkQueue()
  const connectionTasks = memoryConnectionTaskQueue()
  const logger = memoryLog()
  const auditLog = memoryAuditLog()
  const access = memoryAccess(TOKEN_SECRET, clock)
  const limits = memoryLimits(clock, logger, settings)
  const memory = {
    ...access,
    ...stores,
    approvals: async () => approvals,
    workQueue,
    connections: memoryConnectionStore(),
    log,
    streamLog: log,
    subscriptions: memorySubscriptionStore(log, clock),
    poster,
    connectionTasks,
    endpoints: { health: ['health_events', 'alerts'] },
    allowPrivateCallbacks: false,
    limits: async () => limits,
    graphql: () => Promise.reject(new Error('this test has no GraphQL')),
    clock,
    logger,
  }
  const dependencies: SocketDependencies = { audit: createAuditor({ auditLog, clock, log: logger }), ...memory, ...overrides }
  const handler = createHandler(dependencies)

  async function invoke(event: Partial<ConnectEvent>, eventType: EventType, connectionId: string, remainingMs = 30_000) {
    const requestContext = { eventType, connectionId, routeKey: routeOf(event.body) } as ConnectEvent['requestContext']
    const context = { getRemainingTimeInMillis: () => remainingMs } as Context
    return (await handler({ ...event, requestContext } as ConnectEvent, context)) as APIGatewayProxyStructuredResultV2
  }

  return {
    dependencies,
    poster,
    auditLog,
    workQueue,
    connectionTasks,
    logger,
    log,
    apiKeyStore: access.apiKeyStore,
    later: (milliseconds: number) => {
      now += milliseconds
    },
    ticket: async (principal: Partial<VerifiedPrincipal> = {}) =>
      (await issueTicket({ ...ada, ...principal }, dependencies)).ticket,
    token: (principal: Partial<VerifiedPrincipal> = {}, secret = TOKEN_SECRET) =>
      mintToken({ ...ada, ...principal, expiresInSeconds: 60 }, secret, dependencies.clock),

    connect: ({ headers, query }: Handshake = {}, connectionId = 'c1') =>
      invoke({ ...(headers && { headers }), ...(query && { queryStringParameters: query }) }, 'CONNECT', connectionId),
    disconnect: (connectionId = 'c1') => invoke({}, 'DISCONNECT', connectionId),

    /** A connection that was let in. */
    async open(
      principal: Partial<VerifiedPrincipal> = {},
      connectionId = 'c1',
      connection: Partial<Connection> = {},
    ): Promise<void> {
      await dependencies.connections.put({
        connectionId,
        principal: { ...ada, ...principal },
        protocol: 'sluice.v1',
        opening: [],
        connectedAt: '2026-11-21T09:30:00.000Z',
        greeted: true,
        ...connection,
      })
    },
    /** Sends one frame, a text as it is and anything else as JSON, and gives the frames that it was answered with. */
    async send(frame: unknown, { connectionId = 'c1', remainingMs = 30_000 } = {}): Promise<ServerFrame[]> {
      const before = poster.framesOf(connectionId).length
      const body = typeof frame === 'string' ? frame : JSON.stringify(frame)
      await invoke({ body }, 'MESSAGE', connectionId, remainingMs)
      return poster.framesOf(connectionId).slice(before)
    },
  }
}
