import * as z from 'zod'
import type { Principal } from '#shared/access/principal.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { executionLinks, toExecution } from '#shared/executions/execution-view.ts'
import { submitExecution } from '#shared/executions/submit-execution.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { createExecutionSchema, eventPageSchema, executionAcceptedSchema, executionSchema } from '#shared/protocol/execution.ts'
import { executionIdSchema } from '#shared/protocol/identifiers.ts'
import { MAX_EVENTS_PAGE } from '#shared/protocol/limits.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { toEventPage } from '../event-page.ts'
import { cursorQuery, limitQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const params = z.object({ executionId: executionIdSchema })

async function findExecution(
  { executions }: HttpDependencies,
  { tenant }: Principal,
  executionId: string,
): Promise<ExecutionRecord> {
  const record = await executions.get({ tenant, executionId })
  if (!record) throw new NotFoundError('execution', executionId)
  return record
}

export const EXECUTION_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/executions',
    scope: 'executions:write',
    body: createExecutionSchema,
    status: 202,
    response: executionAcceptedSchema,
    async handle({ principal, body, idempotencyKey }, dependencies) {
      const { executionId, status } = await submitExecution(dependencies, principal, body, { idempotencyKey })
      const links = executionLinks(executionId)
      return { body: { executionId, status, links }, headers: { location: links.self } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/executions/{executionId}',
    scope: 'executions:read',
    params,
    status: 200,
    response: executionSchema,
    async handle({ principal, params: { executionId } }, dependencies) {
      return { body: toExecution(await findExecution(dependencies, principal, executionId)) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/executions/{executionId}/events',
    scope: 'executions:read',
    params,
    query: z.strictObject({ after: cursorQuery, limit: limitQuery(MAX_EVENTS_PAGE, MAX_EVENTS_PAGE) }),
    status: 200,
    response: eventPageSchema,
    async handle({ principal, params: { executionId }, query: { after, limit } }, dependencies) {
      const { endedAt } = await findExecution(dependencies, principal, executionId)
      const ref = executionRef({ tenant: principal.tenant, executionId })
      const events = await dependencies.streamLog.read(ref, after, limit)
      return { body: toEventPage(events, after, endedAt !== undefined) }
    },
  }),
]
