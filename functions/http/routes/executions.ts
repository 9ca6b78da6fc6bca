import * as z from 'zod'
import type { Principal } from '#shared/access/principal.ts'
import { cancelExecution } from '#shared/executions/cancel-execution.ts'
import { changePriority } from '#shared/executions/change-priority.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { executionLinks, toExecution } from '#shared/executions/execution-view.ts'
import { listExecutions } from '#shared/executions/list-executions.ts'
import { queuePosition } from '#shared/executions/queue-position.ts'
import { retryExecution } from '#shared/executions/retry-execution.ts'
import { submitExecution } from '#shared/executions/submit-execution.ts'
import { allowedUrl } from '#shared/platform/allowed-url.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import {
  createExecutionSchema,
  EXECUTION_STATUSES,
  eventPageSchema,
  executionAcceptedSchema,
  executionListSchema,
  executionSchema,
  prioritySchema,
} from '#shared/protocol/execution.ts'
import { agentIdSchema, executionIdSchema } from '#shared/protocol/identifiers.ts'
import { MAX_EVENTS_PAGE, MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { toEventPage } from '#shared/streams/event-page.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { cursorQuery, limitQuery } from '../query.ts'
import { type Answer, type Route, route } from '../route.ts'

const MAX_EXECUTIONS_PAGE = 100
const DEFAULT_EXECUTIONS_PAGE = 20

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

function accepted({ executionId, status }: ExecutionRecord): Answer {
  const links = executionLinks(executionId)
  return { body: { executionId, status, links }, headers: { location: links.self } }
}

export const EXECUTION_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/executions',
    operation: 'createExecution',
    summary: 'Asks an agent to do something',
    tag: 'Executions',
    errors: ['not_found', 'agent_not_running', 'queue_full', 'unsupported_task_type', 'conflict'],
    scope: 'executions:write',
    body: createExecutionSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 202,
    response: executionAcceptedSchema,
    async handle({ principal, body, idempotencyKey }, dependencies) {
      if (body.callbackUrl !== undefined) allowedUrl(body.callbackUrl, dependencies.allowPrivateCallbacks)
      return accepted(await submitExecution(dependencies, principal, body, { idempotencyKey }))
    },
  }),

  route({
    method: 'GET',
    path: '/v1/executions',
    operation: 'listExecutions',
    summary: 'Executions, the newest first',
    tag: 'Executions',
    scope: 'executions:read',
    query: z.strictObject({
      agentId: agentIdSchema,
      status: z.enum(EXECUTION_STATUSES).optional(),
      limit: limitQuery(MAX_EXECUTIONS_PAGE, DEFAULT_EXECUTIONS_PAGE),
      after: z.string().optional(),
    }),
    status: 200,
    response: executionListSchema,
    async handle({ principal: { tenant }, query: { agentId, ...page } }, dependencies) {
      const { executions, next } = await listExecutions(dependencies.executions, { tenant, agentId }, page)
      return { body: { executions: executions.map(toExecution), next } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/executions/{executionId}',
    operation: 'getExecution',
    summary: 'One execution',
    tag: 'Executions',
    errors: ['not_found'],
    scope: 'executions:read',
    params,
    query: z.strictObject({ position: z.enum(['true', 'false']).default('false') }),
    status: 200,
    response: executionSchema,
    async handle({ principal, params: { executionId }, query }, dependencies) {
      const record = await findExecution(dependencies, principal, executionId)
      const queue = query.position === 'true' ? await queuePosition(dependencies.admission, record) : undefined
      return { body: { ...toExecution(record), queue } }
    },
  }),

  route({
    method: 'POST',
    path: '/v1/executions/{executionId}/cancel',
    operation: 'cancelExecution',
    summary: 'Stops an execution; what was said is kept',
    tag: 'Executions',
    errors: ['not_found', 'invalid_state'],
    scope: 'executions:write',
    params,
    status: 202,
    response: executionSchema,
    async handle({ principal: { tenant }, params: { executionId } }, dependencies) {
      return { body: toExecution(await cancelExecution(dependencies, { tenant, executionId })) }
    },
  }),

  route({
    method: 'POST',
    path: '/v1/executions/{executionId}/retry',
    operation: 'retryExecution',
    summary: 'Does an execution again, as a new one',
    tag: 'Executions',
    errors: ['not_found', 'invalid_state', 'agent_not_running', 'queue_full', 'conflict'],
    scope: 'executions:write',
    params,
    status: 202,
    response: executionAcceptedSchema,
    async handle({ principal, params: { executionId }, idempotencyKey }, dependencies) {
      return accepted(await retryExecution(dependencies, principal, executionId, { idempotencyKey }))
    },
  }),

  route({
    method: 'POST',
    path: '/v1/executions/{executionId}/priority',
    operation: 'changeExecutionPriority',
    summary: 'Moves an execution that waits',
    tag: 'Executions',
    errors: ['not_found', 'invalid_state'],
    scope: 'executions:write',
    params,
    body: z.strictObject({ priority: prioritySchema }),
    status: 200,
    response: executionSchema,
    async handle({ principal: { tenant }, params: { executionId }, body: { priority } }, dependencies) {
      return { body: toExecution(await changePriority(dependencies, { tenant, executionId }, priority)) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/executions/{executionId}/events',
    operation: 'listExecutionEvents',
    summary: 'Stream of an execution, page by page',
    tag: 'Executions',
    errors: ['not_found'],
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
