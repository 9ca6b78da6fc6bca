import * as z from 'zod'
import { requireScope } from '#shared/access/require-scope.ts'
import { readFacts } from '#shared/events/read-facts.ts'
import { factPageSchema } from '#shared/protocol/execution.ts'
import { agentIdSchema, timestampSchema } from '#shared/protocol/identifiers.ts'
import { eventPatternSchema } from '#shared/protocol/lifecycle-event.ts'
import { MAX_EVENTS_PAGE } from '#shared/protocol/limits.ts'
import { cursorQuery, limitQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const DEFAULT_PAGE = 100

export const EVENT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/events',
    operation: 'listEvents',
    summary: 'Lifecycle events, from a cursor',
    tag: 'Metrics',
    scope: 'executions:read',
    query: z.strictObject({
      type: eventPatternSchema.optional(),
      agent: agentIdSchema.optional(),
      since: timestampSchema.transform((text) => Date.parse(text)).optional(),
      after: cursorQuery,
      limit: limitQuery(MAX_EVENTS_PAGE, DEFAULT_PAGE),
    }),
    status: 200,
    response: factPageSchema,
    async handle({ principal, query: { agent: agentId, ...query } }, { streamLog }) {
      // They speak of agents and of executions.
      requireScope(principal, 'agents:read')
      return { body: await readFacts(streamLog, { tenant: principal.tenant, agentId, ...query }) }
    },
  }),
]
