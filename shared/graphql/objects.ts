import * as z from 'zod'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { toExecution } from '#shared/executions/execution-view.ts'
import { listExecutions } from '#shared/executions/list-executions.ts'
import { queuePosition } from '#shared/executions/queue-position.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { EXECUTION_STATUSES } from '#shared/protocol/execution.ts'
import { MAX_EVENTS_PAGE } from '#shared/protocol/limits.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { toEventPage } from '#shared/streams/event-page.ts'
import { eventObject } from './event-object.ts'
import { field } from './field.ts'
import type { GraphqlContext } from './graphql-context.ts'
import { listArgs, streamArgs } from './pages.ts'

/** Values of fields, and functions for those that are read when they are asked for. */
type GraphqlObject = Record<string, unknown>

const nothing = z.strictObject({})

/** Arguments of a list of executions. */
export const executionListArgs = listArgs.extend({ status: z.enum(EXECUTION_STATUSES).optional() })
/** Arguments of a page of an execution's events. */
export const executionEventArgs = streamArgs(MAX_EVENTS_PAGE)

/** An agent, with what can be asked of it. */
export const agentObject = (agent: Agent): GraphqlObject => ({
  ...agent,
  queue: field({ scopes: ['agents:read'], args: nothing, resolve: (context) => readQueue(context, agent.agentId) }),
  executions: field({
    scopes: ['executions:read'],
    args: executionListArgs,
    resolve: (context, args) => readExecutions(context, agent.agentId, args),
  }),
})

/** An execution, with what can be asked of it. */
export const executionObject = (record: ExecutionRecord): GraphqlObject => ({
  ...toExecution(record),
  queue: field({
    scopes: ['executions:read'],
    args: nothing,
    resolve: ({ dependencies }) => queuePosition(dependencies.admission, record),
  }),
  agent: field({ scopes: ['agents:read'], args: nothing, resolve: (context) => readAgent(context, record.agentId) }),
  events: field({
    scopes: ['executions:read'],
    args: executionEventArgs,
    resolve: (context, args) => readExecutionEvents(context, record, args),
  }),
})

/** @throws NotFoundError */
export async function readAgent({ principal, dependencies }: GraphqlContext, agentId: string) {
  const agent = await dependencies.agents.get(principal.tenant, agentId)
  if (!agent) throw new NotFoundError('agent', agentId)
  return agentObject(agent)
}

async function readQueue({ principal, dependencies }: GraphqlContext, agentId: string) {
  const gate = await dependencies.admission.gate({ tenant: principal.tenant, agentId })
  if (!gate) throw new NotFoundError('agent', agentId)
  const { open, limit, active, waiting } = gate
  return { open, limit, active: active.length, waiting }
}

/** @throws NotFoundError */
export async function findRecord({ principal, dependencies }: GraphqlContext, executionId: string): Promise<ExecutionRecord> {
  const record = await dependencies.executions.get({ tenant: principal.tenant, executionId })
  if (!record) throw new NotFoundError('execution', executionId)
  return record
}

export async function readExecutions(
  { principal: { tenant }, dependencies }: GraphqlContext,
  agentId: string,
  { status, ...page }: z.infer<typeof executionListArgs>,
) {
  const { executions, next } = await listExecutions(dependencies.executions, tenant, { agentId, status }, page)
  return { nodes: executions.map(executionObject), next }
}

/** @param record - as it was read just now; a stream that ends meanwhile is read on with the next page */
export async function readExecutionEvents(
  context: GraphqlContext,
  record: ExecutionRecord,
  { after, limit }: z.infer<typeof executionEventArgs>,
) {
  const found = await context.dependencies.streamLog.read(executionRef(record), after, limit)
  const { events, next, complete } = toEventPage(found, after, record.endedAt !== undefined)
  const hasEnded = events.at(-1)?.type === 'completed'
  const { output, usage } = hasEnded && !record.output ? await findRecord(context, record.executionId) : record
  const outcome = output && { text: output.text, ...(usage && { usage }) }
  return { nodes: events.map((event) => eventObject(event, outcome)), next, complete }
}
