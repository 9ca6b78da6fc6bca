import * as z from 'zod'
import { publishMessage } from '#shared/messaging/publish-message.ts'
import { topicChannel } from '#shared/protocol/channel.ts'
import { publishMessageSchema } from '#shared/protocol/envelope.ts'
import { topicEventPageSchema } from '#shared/protocol/execution.ts'
import { messageIdSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import { MAX_TOPIC_EVENTS_PAGE } from '#shared/protocol/limits.ts'
import { toEventPage } from '../event-page.ts'
import { cursorQuery, limitQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const params = z.object({ topic: topicSchema })

export const TOPIC_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/topics/{topic}/messages',
    scope: 'topics:publish',
    params,
    body: publishMessageSchema,
    status: 202,
    response: z.object({ messageId: messageIdSchema, topic: topicSchema }),
    async handle({ principal, params: { topic }, body, idempotencyKey }, dependencies) {
      return { body: await publishMessage(dependencies, principal, topic, body, { idempotencyKey }) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/topics/{topic}/events',
    scope: 'topics:read',
    params,
    query: z.strictObject({ after: cursorQuery, limit: limitQuery(MAX_TOPIC_EVENTS_PAGE, MAX_TOPIC_EVENTS_PAGE) }),
    status: 200,
    response: topicEventPageSchema,
    async handle({ principal, params: { topic }, query: { after, limit } }, { streamLog }) {
      const found = await streamLog.read({ tenant: principal.tenant, channel: topicChannel(topic) }, after, limit)
      const { events, next } = toEventPage(found, after, false)
      return { body: { events, next } }
    },
  }),
]
