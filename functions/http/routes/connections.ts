import * as z from 'zod'
import { NotFoundError } from '#shared/platform/errors.ts'
import {
  type ConnectionView,
  connectionClosingSchema,
  connectionIdSchema,
  connectionListSchema,
} from '#shared/protocol/connection.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { limitQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const MAX_PAGE = 100
const DEFAULT_PAGE = 50

/** @returns none when it is closed by now, or somebody else's: ids are the gateway's, and nobody has chosen them */
async function viewOf({ connections }: HttpDependencies, tenant: string, connectionId: string): Promise<ConnectionView[]> {
  const [connection, subscriptions] = await Promise.all([connections.get(connectionId), connections.subscriptions(connectionId)])
  if (connection?.principal?.tenant !== tenant) return []
  const { principal, connectedAt: since, protocol } = connection
  return [{ connectionId, subject: principal.subject, since, protocol, subscriptions: subscriptions.length }]
}

export const CONNECTION_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/connections',
    operation: 'listConnections',
    summary: 'Open sockets of the tenant',
    description:
      'In no order that means anything. A page may be short, or empty, though there is a `next`: some have closed by then.',
    tag: 'Connections',
    scope: 'connections:read',
    query: z.strictObject({ limit: limitQuery(MAX_PAGE, DEFAULT_PAGE), after: connectionIdSchema.optional() }),
    status: 200,
    response: connectionListSchema,
    async handle({ principal: { tenant }, query }, dependencies) {
      const { connectionIds, next } = await dependencies.presence.page(tenant, query)
      const views = await Promise.all(connectionIds.map((connectionId) => viewOf(dependencies, tenant, connectionId)))
      return { body: { connections: views.flat(), next } }
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/connections/{connectionId}',
    operation: 'closeConnection',
    summary: 'Closes a socket',
    description: 'Its client may come back at once, unless its token is no longer good.',
    tag: 'Connections',
    errors: ['not_found'],
    scope: 'connections:write',
    params: z.object({ connectionId: connectionIdSchema }),
    status: 202,
    response: connectionClosingSchema,
    async handle({ principal: { tenant }, params: { connectionId } }, { connections, connectionTasks }) {
      const connection = await connections.get(connectionId)
      if (connection?.principal?.tenant !== tenant) throw new NotFoundError('connection', connectionId)
      await connectionTasks.send([{ task: 'close', tenant, connectionId }])
      return { body: { connectionId, status: 'closing' } }
    },
  }),
]
