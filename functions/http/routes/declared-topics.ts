import * as z from 'zod'
import { declareTopic } from '#shared/messaging/declare-topic.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { topicSchema } from '#shared/protocol/identifiers.ts'
import { declaredTopicSchema, topicDefinitionSchema, topicListSchema } from '#shared/protocol/topic.ts'
import { pageQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const params = z.object({ topic: topicSchema })

export const DECLARED_TOPIC_ROUTES: readonly Route[] = [
  route({
    method: 'PUT',
    path: '/v1/topics/{topic}',
    operation: 'declareTopic',
    summary: 'Declares a topic, with a schema of its messages',
    tag: 'Topics',
    scope: 'agents:write',
    params,
    body: topicDefinitionSchema,
    status: 200,
    response: declaredTopicSchema,
    async handle({ principal, params: { topic }, body }, dependencies) {
      return { body: await declareTopic(dependencies, principal, topic, body) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/topics',
    operation: 'listTopics',
    summary: 'Declared topics',
    tag: 'Topics',
    scope: 'topics:read',
    query: z.strictObject(pageQuery()),
    status: 200,
    response: topicListSchema,
    async handle({ principal, query }, { topicStore }) {
      return { body: await topicStore.list(principal.tenant, query) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/topics/{topic}',
    operation: 'getTopic',
    summary: 'One declared topic',
    tag: 'Topics',
    errors: ['not_found'],
    scope: 'topics:read',
    params,
    status: 200,
    response: declaredTopicSchema,
    async handle({ principal, params: { topic } }, { topicStore }) {
      const declared = await topicStore.get(principal.tenant, topic)
      if (!declared) throw new NotFoundError('topic', topic)
      return { body: declared }
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/topics/{topic}',
    operation: 'deleteTopic',
    summary: 'Takes a declaration back',
    tag: 'Topics',
    errors: ['not_found'],
    scope: 'agents:write',
    params,
    status: 204,
    response: z.undefined(),
    async handle({ principal, params: { topic } }, { topicStore }) {
      if ((await topicStore.remove(principal.tenant, topic)) === 'missing') throw new NotFoundError('topic', topic)
      return {}
    },
  }),
]
