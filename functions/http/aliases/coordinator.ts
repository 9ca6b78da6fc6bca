import * as z from 'zod'
import { requireAllowedEndpoint } from '#shared/executions/remote-endpoint.ts'
import { submitToAnyAgent } from '#shared/executions/submit-to-any-agent.ts'
import { parse } from '#shared/platform/parse.ts'
import { type Agent, createRemoteAgentSchema } from '#shared/protocol/agent.ts'
import { dataSchema } from '#shared/protocol/envelope.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { pageQuery } from '../query.ts'
import { type Route, route } from '../route.ts'
import { findTask, taskExecutionId } from './find-task.ts'
import { registerAgent } from './register-agent.ts'
import { TASK_STATUSES, taskInput, taskView } from './task-view.ts'

const registrationSchema = z.object({ agent_id: agentIdSchema, endpoint: createRemoteAgentSchema.shape.endpoint })

/** A name that the client chose; it stands in a path afterwards. */
const taskIdSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/, 'use 1 to 128 letters, digits, ".", ":", "_" or "-"')

const payloadSchema = z.record(z.string(), dataSchema)

const taskSchema = z.object({ task_id: taskIdSchema, task_type: z.string().min(1).max(128), payload: payloadSchema })

const agentEntrySchema = z.object({
  endpoint: z.string().nullable(),
  /** `healthy` when it runs and nothing else is known of it; otherwise what is. */
  status: z.string(),
  /** When it was registered or changed last, in Unix seconds. */
  timestamp: z.number(),
})

function entryOf(agent: Agent): z.infer<typeof agentEntrySchema> {
  const health = agent.health === 'unknown' ? 'healthy' : agent.health
  return {
    endpoint: agent.kind === 'remote' ? agent.endpoint : null,
    status: agent.status === 'running' ? health : agent.status,
    timestamp: Date.parse(agent.updatedAt) / 1_000,
  }
}

/** The paths of a coordinator of remote agents. */
export const COORDINATOR_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/agents/register',
    operation: 'coordinatorRegister',
    summary: 'Registers a remote agent, which gets tasks at once; a known one is changed',
    description: 'What it takes may stand in the body as JSON, or in the query.',
    tag: 'Aliases',
    errors: ['conflict', 'invalid_state', 'quota_exceeded', 'secret_in_request'],
    scope: 'agents:write',
    query: registrationSchema.partial(),
    body: registrationSchema.partial().optional(),
    refusesSecrets: true,
    status: 200,
    response: z.object({ status: z.literal('registered'), agent_id: agentIdSchema }),
    async handle({ principal, query, body }, dependencies) {
      const { agent_id: agentId, endpoint } = parse(registrationSchema, { ...query, ...body }, 'registration')
      await requireAllowedEndpoint(endpoint, dependencies)
      const { before } = await registerAgent(dependencies, principal, {
        kind: 'remote',
        agentId,
        definition: { endpoint },
        ofNew: () => ({ name: agentId }),
      })
      return { body: { status: 'registered', agent_id: agentId }, before }
    },
  }),

  route({
    method: 'GET',
    path: '/agents',
    operation: 'coordinatorListAgents',
    summary: 'Agents, as a map by id',
    tag: 'Aliases',
    scope: 'agents:read',
    query: z.object(pageQuery({ byDefault: 100 })),
    status: 200,
    response: z.object({ agents: z.record(agentIdSchema, agentEntrySchema), next: z.string().optional() }),
    async handle({ principal: { tenant }, query }, dependencies) {
      const { agents, next } = await dependencies.agents.list(tenant, query)
      return { body: { agents: Object.fromEntries(agents.map((agent) => [agent.agentId, entryOf(agent)])), next } }
    },
  }),

  route({
    method: 'POST',
    path: '/tasks/submit',
    operation: 'coordinatorSubmitTask',
    summary: 'Gives a task to an agent that can do it',
    description:
      'The same `task_id` again answers the task that there is. With `task_id` and `task_type` in the query, the whole body is the payload.',
    tag: 'Aliases',
    errors: ['no_agent_available', 'queue_full', 'conflict', 'quota_exceeded', 'forbidden'],
    scope: 'executions:write',
    query: taskSchema.omit({ payload: true }).partial(),
    body: payloadSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 202,
    response: z.object({ task_id: taskIdSchema, status: z.literal('accepted') }),
    async handle({ principal, query, body }, dependencies) {
      const given = query.task_id === undefined ? body : { ...query, payload: body }
      const { task_id, task_type: type, payload } = parse(taskSchema, given, 'task')
      const inputFor = (agent: Agent) => taskInput(agent, payload, { task_type: type, payload })
      const executionId = taskExecutionId(principal, task_id)
      await submitToAnyAgent(dependencies, principal, { input: payload, type }, { executionId, inputFor })
      return { body: { task_id, status: 'accepted' } }
    },
  }),

  route({
    method: 'GET',
    path: '/tasks/{task_id}',
    operation: 'coordinatorGetTask',
    summary: 'How a task is',
    tag: 'Aliases',
    errors: ['not_found'],
    scope: 'executions:read',
    params: z.object({ task_id: z.string() }),
    status: 200,
    response: z.object({ status: z.enum(TASK_STATUSES), result: z.json(), error: z.string().nullable() }),
    async handle({ principal, params: { task_id } }, dependencies) {
      return { body: taskView(await findTask(dependencies, principal, task_id)) }
    },
  }),
]
