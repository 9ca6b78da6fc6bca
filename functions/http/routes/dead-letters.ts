import * as z from 'zod'
import { listDeadLetters, showDeadLetter } from '#shared/messaging/list-dead-letters.ts'
import { discardDeadLetters, redriveDeadLetters } from '#shared/messaging/settle-dead-letters.ts'
import {
  deadLetterFilterSchema,
  deadLetterListSchema,
  deadLetterQueueSchema,
  deadLetterSchema,
  discardedSchema,
  MAX_DEAD_LETTERS,
  redrivenSchema,
  selectDeadLettersSchema,
} from '#shared/protocol/dead-letter.ts'
import { limitQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const DEFAULT_DEAD_LETTERS = 50

export const DEAD_LETTER_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/dead-letters',
    operation: 'listDeadLetters',
    summary: 'Messages that nobody could handle',
    tag: 'Queues',
    errors: ['not_found'],
    scope: 'queues:read',
    query: deadLetterFilterSchema.extend({
      queue: deadLetterQueueSchema.optional(),
      limit: limitQuery(MAX_DEAD_LETTERS, DEFAULT_DEAD_LETTERS),
    }),
    status: 200,
    response: deadLetterListSchema,
    async handle({ principal, query: { queue, limit, ...filter } }, dependencies) {
      return { body: await listDeadLetters(dependencies, principal, { queue, limit, filter }) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/dead-letters/{queue}/{id}',
    operation: 'getDeadLetter',
    summary: 'One dead letter with its body',
    tag: 'Queues',
    errors: ['not_found'],
    scope: 'queues:read',
    params: z.object({ queue: deadLetterQueueSchema, id: z.string().min(1).max(128) }),
    status: 200,
    response: deadLetterSchema,
    async handle({ principal, params }, dependencies) {
      return { body: await showDeadLetter(dependencies, principal, params) }
    },
  }),

  route({
    method: 'POST',
    path: '/v1/dead-letters/redrive',
    operation: 'redriveDeadLetters',
    summary: 'Sends dead letters back to where they failed',
    tag: 'Queues',
    errors: ['not_found'],
    scope: 'queues:write',
    body: selectDeadLettersSchema,
    status: 200,
    response: redrivenSchema,
    async handle({ principal, body }, dependencies) {
      const { settled, ...rest } = await redriveDeadLetters(dependencies, principal, body)
      return { body: { redriven: settled, ...rest } }
    },
  }),

  route({
    method: 'POST',
    path: '/v1/dead-letters/discard',
    operation: 'discardDeadLetters',
    summary: 'Deletes dead letters',
    tag: 'Queues',
    errors: ['not_found'],
    scope: 'queues:write',
    body: selectDeadLettersSchema,
    status: 200,
    response: discardedSchema,
    async handle({ principal, body }, dependencies) {
      const { settled, ...rest } = await discardDeadLetters(dependencies, principal, body)
      return { body: { discarded: settled, ...rest } }
    },
  }),
]
