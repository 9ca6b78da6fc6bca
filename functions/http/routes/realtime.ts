import * as z from 'zod'
import { principalSource } from '#shared/access/principal-source.ts'
import { requireScope } from '#shared/access/require-scope.ts'
import { publishMessage } from '#shared/messaging/publish-message.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { publishMessageSchema } from '#shared/protocol/envelope.ts'
import { agentIdSchema, messageIdSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import {
  broadcastAcceptedSchema,
  broadcastSchema,
  connectionStatsSchema,
  realtimeStatusSchema,
} from '#shared/protocol/realtime.ts'
import { broadcast } from '#shared/streams/broadcast.ts'
import type { PresenceStore } from '#shared/streams/presence-store.ts'
import { type Route, route } from '../route.ts'
import { activityOf } from '../vital-counts.ts'

/** Connections that a status names. */
const MAX_NAMED = 100

async function someConnections(presence: PresenceStore, tenant: string): Promise<string[]> {
  const named: string[] = []
  for await (const ids of presence.connections(tenant)) {
    named.push(...ids)
    if (named.length >= MAX_NAMED) break
  }
  return named.slice(0, MAX_NAMED)
}

/** Publishes a message, at the paths that clients of the source documents know. */
const pushRoute = (path: '/realtime/topics/{topic}' | '/realtime/topic/{topic}', operation: string): Route =>
  route({
    method: 'POST',
    path,
    operation,
    idempotency: 'repeatable',
    summary: 'Publishes a message, as `POST /v1/topics/{topic}/messages` does',
    tag: 'Aliases',
    scope: 'topics:publish',
    params: z.object({ topic: topicSchema }),
    body: publishMessageSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 202,
    response: z.object({ messageId: messageIdSchema, topic: topicSchema }),
    async handle({ principal, params: { topic }, body, idempotencyKey }, dependencies) {
      return { body: await publishMessage(dependencies, principal, topic, body, { idempotencyKey }) }
    },
  })

export const REALTIME_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/realtime/connections',
    operation: 'getConnectionCounts',
    summary: 'Connections and followers of topics, counted',
    tag: 'Aliases',
    scope: 'topics:read',
    status: 200,
    response: connectionStatsSchema,
    async handle({ principal: { tenant } }, { presence }) {
      const { connections, topics } = await presence.counts(tenant)
      return { body: { total_connections: connections, total_topics: Object.keys(topics).length, topics } }
    },
  }),

  route({
    method: 'GET',
    path: '/realtime/status',
    operation: 'getRealtimeStatus',
    summary: 'What goes on in real time',
    tag: 'Aliases',
    errors: ['not_found'],
    scope: 'agents:read',
    query: z.strictObject({ agent: agentIdSchema.optional() }),
    status: 200,
    response: realtimeStatusSchema,
    async handle({ principal, query: { agent } }, { agents, presence, counters }) {
      // Its streams are topics.
      requireScope(principal, 'topics:read')
      const { tenant } = principal
      if (agent !== undefined && !(await agents.get(tenant, agent))) throw new NotFoundError('agent', agent)
      const [{ topics }, connections, totals] = await Promise.all([
        presence.counts(tenant),
        someConnections(presence, tenant),
        counters.totals(tenant),
      ])
      const active_streams = Object.keys(topics)
      const status = { agent_type: agent ?? 'sluice', realtime_enabled: true, connections, active_streams }
      return { body: { ...status, ...activityOf(totals) } }
    },
  }),

  route({
    method: 'POST',
    path: '/realtime/broadcast',
    operation: 'broadcast',
    summary: 'Sends something to every connection',
    tag: 'Connections',
    scope: 'topics:publish',
    body: broadcastSchema,
    status: 202,
    response: broadcastAcceptedSchema,
    async handle({ principal: { tenant, subject }, body: { data } }, dependencies) {
      const payload = { data, source: principalSource(subject), time: timestamp(dependencies.clock) }
      return { body: { connections: await broadcast(dependencies, tenant, payload) } }
    },
  }),

  pushRoute('/realtime/topics/{topic}', 'pushToTopic'),
  pushRoute('/realtime/topic/{topic}', 'pushToTopicAlias'),
]
