import * as z from 'zod'
import type { Principal } from '#shared/access/principal.ts'
import { cancelExecution } from '#shared/executions/cancel-execution.ts'
import { changePriority } from '#shared/executions/change-priority.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { executionLinks, toExecution } from '#shared/executions/execution-view.ts'
import { listExecutions } from '#shared/executions/list-executions.ts'
import { queuePosition } from '#shared/executions/queue-position.ts'
import { retryExecution } from '#shared/executions/retry-execution.ts'
import { secondsToNextLook } from '#shared/executions/seconds-to-next-look.ts'
import { keyedExecutionId, submitExecution } from '#shared/executions/submit-execution.ts'
import { submitToAnyAgent } from '#shared/executions/submit-to-any-agent.ts'
import { allowedUrl } from '#shared/platform/allowed-url.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import {
  askExecutionSchema,
  EXECUTION_FIELDS,
  EXECUTION_STATUSES,
  eventPageSchema,
  executionAcceptedSchema,
  executionResultSchema,
  executionSchema,
  prioritySchema,
  sparseExecutionListSchema,
} from '#shared/protocol/execution.ts'
import { agentIdSchema, executionIdSchema, timestampSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import { MAX_EVENTS_PAGE, MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { toEventPage } from '#shared/streams/event-page.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { waitAsPreferred } from '../prefer-wait.ts'
import { cursorQuery, fieldsQuery, limitQuery, pageQuery, pickFields } from '../query.ts'
import { type Answer, type Route, type RouteRequest, route } from '../route.ts'

const params = z.object({ executionId: executionIdSchema })

const listQuery = z.strictObject({
  status: z.enum(EXECUTION_STATUSES).optional(),
  topic: topicSchema.optional(),
  correlationId: z.string().max(256).optional(),
  from: timestampSchema.optional(),
  to: timestampSchema.optional(),
  fields: fieldsQuery(EXECUTION_FIELDS),
  ...pageQuery({ byDefault: 20 }),
})

const LIST_DESCRIPTION = `All that is named must be so. \`from\` belongs to the span of creation, \`to\` does not. A page may be shorter than \`limit\`, or empty,
though there is a \`next\`. \`fields\` names what is wanted of each, separated by commas; inputs and outputs that are not wanted are not read.`

const NO_AGENT_DESCRIPTION = `Without \`agentId\` an agent is chosen that runs, knows the \`type\` and has the \`capability\`: one that names the type goes before those that take
any, and the one with the least to do before the others.`

/** Fields that make an execution large. */
const PAYLOADS = ['input', 'output'] as const

async function findExecution(
  { executions }: HttpDependencies,
  { tenant }: Principal,
  executionId: string,
): Promise<ExecutionRecord> {
  const record = await executions.get({ tenant, executionId })
  if (!record) throw new NotFoundError('execution', executionId)
  return record
}

/**
 * 202 with where the execution is, the same for a request that is repeated, wherever the execution is by then; or 200 with all of it, where the
 * caller preferred to wait and it has ended.
 */
async function accepted(
  request: Pick<RouteRequest, 'principal' | 'event'>,
  dependencies: HttpDependencies,
  record: ExecutionRecord,
): Promise<Answer> {
  const { record: standing, honoured, headers } = await waitAsPreferred(dependencies, request, record)
  const links = executionLinks(record.executionId)
  const location = { location: links.self }
  if (honoured) return { status: 200, body: toExecution(standing), headers: { ...headers, ...location } }
  return { body: { executionId: record.executionId, status: 'queued', links }, headers: location }
}

function submit(
  dependencies: HttpDependencies,
  principal: Principal,
  { agentId, capability, ...asked }: z.infer<typeof askExecutionSchema>,
  idempotencyKey: string | undefined,
): Promise<ExecutionRecord> {
  if (agentId !== undefined) return submitExecution(dependencies, principal, { ...asked, agentId }, { idempotencyKey })
  const executionId = idempotencyKey === undefined ? undefined : keyedExecutionId(principal, idempotencyKey)
  return submitToAnyAgent(dependencies, principal, { ...asked, capability }, { executionId })
}

async function listPage(
  { executions }: HttpDependencies,
  { tenant }: Principal,
  { fields, limit, after, ...filter }: z.infer<typeof listQuery> & { agentId?: string | undefined },
) {
  const without = fields === undefined ? [] : PAYLOADS.filter((payload) => !fields.includes(payload))
  const page = await listExecutions(executions, tenant, filter, { limit, after, without })
  return { executions: page.executions.map((record) => pickFields(toExecution(record), fields)), next: page.next }
}

export const EXECUTION_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/executions',
    operation: 'createExecution',
    idempotency: 'derived',
    summary: 'Asks an agent to do something',
    description: NO_AGENT_DESCRIPTION,
    tag: 'Executions',
    errors: [
      'not_found',
      'agent_not_running',
      'no_agent_available',
      'queue_full',
      'unsupported_task_type',
      'conflict',
      'quota_exceeded',
      'forbidden',
    ],
    scope: 'executions:write',
    body: askExecutionSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 202,
    response: executionAcceptedSchema,
    alsoAnswers: [{ status: 200, response: executionSchema }],
    headers: ['Prefer'],
    async handle({ principal, body, idempotencyKey, event }, dependencies) {
      if (body.callbackUrl !== undefined) allowedUrl(body.callbackUrl, dependencies.allowPrivateCallbacks)
      return accepted({ principal, event }, dependencies, await submit(dependencies, principal, body, idempotencyKey))
    },
  }),

  route({
    method: 'GET',
    path: '/v1/executions',
    operation: 'listExecutions',
    summary: 'Executions, the newest first',
    description: LIST_DESCRIPTION,
    tag: 'Executions',
    scope: 'executions:read',
    query: listQuery.extend({ agentId: agentIdSchema.optional() }),
    status: 200,
    response: sparseExecutionListSchema,
    handle: async ({ principal, query }, dependencies) => ({ body: await listPage(dependencies, principal, query) }),
  }),

  route({
    method: 'GET',
    path: '/v1/agents/{agentId}/executions',
    operation: 'listAgentExecutions',
    summary: 'Executions of an agent, the newest first',
    description: LIST_DESCRIPTION,
    tag: 'Agents',
    scope: 'executions:read',
    params: z.object({ agentId: agentIdSchema }),
    query: listQuery,
    status: 200,
    response: sparseExecutionListSchema,
    handle: async ({ principal, params: { agentId }, query }, dependencies) => ({
      body: await listPage(dependencies, principal, { ...query, agentId }),
    }),
  }),

  route({
    method: 'GET',
    path: '/v1/executions/{executionId}',
    operation: 'getExecution',
    summary: 'One execution',
    description: 'With `Prefer: wait=n` the answer comes when it has ended, after n seconds at the latest.',
    tag: 'Executions',
    errors: ['not_found'],
    headers: ['Prefer'],
    scope: 'executions:read',
    params,
    query: z.strictObject({ position: z.enum(['true', 'false']).default('false') }),
    status: 200,
    response: executionSchema,
    async handle({ principal, params: { executionId }, query, event }, dependencies) {
      const found = await findExecution(dependencies, principal, executionId)
      const { record, headers } = await waitAsPreferred(dependencies, { principal, event }, found)
      const queue = query.position === 'true' ? await queuePosition(dependencies.admission, record) : undefined
      return { body: { ...toExecution(record), queue }, headers }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/executions/{executionId}/result',
    operation: 'getExecutionResult',
    summary: 'What an execution came to',
    description:
      '202 with `Retry-After` until it has ended. With `Prefer: wait=n` the answer comes after n seconds at the latest.',
    tag: 'Executions',
    errors: ['not_found'],
    headers: ['Prefer'],
    scope: 'executions:read',
    params,
    status: 200,
    response: executionResultSchema,
    alsoAnswers: [{ status: 202, response: executionAcceptedSchema }],
    async handle({ principal, params: { executionId }, event }, dependencies) {
      const found = await findExecution(dependencies, principal, executionId)
      const { record, headers } = await waitAsPreferred(dependencies, { principal, event }, found)
      const { status, output, error, usage, links } = toExecution(record)
      if (hasEnded(status)) return { body: { executionId, status, output, error, usage }, headers }
      const later = { 'retry-after': String(secondsToNextLook(record, dependencies.clock.now())) }
      return { status: 202, body: { executionId, status, links }, headers: later }
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
    idempotency: 'derived',
    summary: 'Does an execution again, as a new one',
    tag: 'Executions',
    errors: ['not_found', 'invalid_state', 'agent_not_running', 'queue_full', 'conflict', 'quota_exceeded', 'forbidden'],
    scope: 'executions:write',
    params,
    status: 202,
    response: executionAcceptedSchema,
    alsoAnswers: [{ status: 200, response: executionSchema }],
    headers: ['Prefer'],
    async handle({ principal, params: { executionId }, idempotencyKey, event }, dependencies) {
      return accepted(
        { principal, event },
        dependencies,
        await retryExecution(dependencies, principal, executionId, { idempotencyKey }),
      )
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
