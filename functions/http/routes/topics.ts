import * as z from 'zod'
import { publishMessage } from '#shared/messaging/publish-message.ts'
import { publishMessageSchema } from '#shared/protocol/envelope.ts'
import { messageIdSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import { type Route, route } from '../route.ts'

export const TOPIC_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/topics/{topic}/messages',
    scope: 'topics:publish',
    params: z.object({ topic: topicSchema }),
    body: publishMessageSchema,
    status: 202,
    response: z.object({ messageId: messageIdSchema, topic: topicSchema }),
    async handle({ principal, params: { topic }, body, idempotencyKey }, dependencies) {
      return { body: await publishMessage(dependencies, principal, topic, body, { idempotencyKey }) }
    },
  }),
]
