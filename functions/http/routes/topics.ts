import * as z from 'zod'
import { dataKey, requireText } from '#shared/messaging/message-data.ts'
import { publishBatch } from '#shared/messaging/publish-batch.ts'
import { publishMessage } from '#shared/messaging/publish-message.ts'
import { topicChannel } from '#shared/protocol/channel.ts'
import { batchResultSchema, dataSchema, publishBatchSchema, publishMessageSchema } from '#shared/protocol/envelope.ts'
import { topicEventPageSchema } from '#shared/protocol/execution.ts'
import { messageIdSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import { MAX_REFERENCED_BYTES, MAX_TOPIC_EVENTS_PAGE } from '#shared/protocol/limits.ts'
import { toEventPage } from '#shared/streams/event-page.ts'
import { toBatchResult } from '../batch-result.ts'
import { cursorQuery, limitQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const params = z.object({ topic: topicSchema })

export const TOPIC_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/topics/{topic}/messages',
    operation: 'publishMessage',
    idempotency: 'repeatable',
    summary: 'Publishes a message',
    tag: 'Topics',
    scope: 'topics:publish',
    params,
    body: publishMessageSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 202,
    response: z.object({ messageId: messageIdSchema, topic: topicSchema }),
    async handle({ principal, params: { topic }, body, idempotencyKey }, dependencies) {
      return { body: await publishMessage(dependencies, principal, topic, body, { idempotencyKey }) }
    },
  }),

  route({
    method: 'POST',
    path: '/v1/topics/{topic}/messages/batch',
    operation: 'publishMessages',
    idempotency: 'repeatable',
    summary: 'Publishes up to a hundred messages',
    tag: 'Topics',
    scope: 'topics:publish',
    params,
    body: publishBatchSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 200,
    response: batchResultSchema,
    alsoAnswers: [{ status: 207, response: batchResultSchema }],
    async handle({ principal, params: { topic }, body: { messages }, idempotencyKey }, dependencies) {
      const outcomes = await publishBatch(dependencies, principal, topic, messages, { idempotencyKey })
      const isWhole = outcomes.every(({ result }) => result === 'accepted')
      // 207 as in WebDAV (RFC 4918): what became of each is in the body.
      return { body: toBatchResult(outcomes, dependencies.log), status: isWhole ? 200 : 207 }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/topics/{topic}/events',
    operation: 'listTopicEvents',
    summary: 'Messages of a topic, page by page',
    tag: 'Topics',
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

  route({
    method: 'GET',
    path: '/v1/topics/{topic}/data',
    operation: 'getMessageData',
    summary: 'Data of a message that is too large to be shown',
    tag: 'Topics',
    errors: ['not_found'],
    scope: 'topics:read',
    params,
    query: z.strictObject({ source: z.string().min(1).max(512), id: messageIdSchema }),
    status: 200,
    response: z.object({ data: dataSchema }),
    async handle({ principal: { tenant }, params: { topic }, query: { source, id } }, { artifacts }) {
      const key = dataKey({ tenant, envelope: { topic, source, id } })
      return { body: { data: JSON.parse(await requireText(artifacts, key, 'large message', id)) } }
    },
  }),
]
