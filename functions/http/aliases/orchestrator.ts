import * as z from 'zod'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import { submitExecution } from '#shared/executions/submit-execution.ts'
import { allowedUrl } from '#shared/platform/allowed-url.ts'
import { NotFoundError, ValidationError } from '#shared/platform/errors.ts'
import { AGENT_STATUSES, type Agent, createAgentSchema } from '#shared/protocol/agent.ts'
import { dataSchema } from '#shared/protocol/envelope.ts'
import { createExecutionSchema, prioritySchema } from '#shared/protocol/execution.ts'
import { agentIdSchema, executionIdSchema } from '#shared/protocol/identifiers.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { timeoutSecondsSchema } from '#shared/protocol/retry-policy.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { pageQuery } from '../query.ts'
import { type Route, route } from '../route.ts'
import { activate } from './activate.ts'
import { findTask } from './find-task.ts'
import {
  agentDetail,
  agentDetailSchema,
  agentView,
  agentViewSchema,
  brainConfigSchema,
  taskDetail,
  taskDetailSchema,
} from './orchestrator-views.ts'
import { registerAgent } from './register-agent.ts'
import { taskInput } from './task-view.ts'

const target = z.object({ agent_id: agentIdSchema })

const registrationSchema = z.object({
  agent_id: agentIdSchema,
  agent_name: z.string().min(1).max(200).optional(),
  domain: createAgentSchema.shape.domain,
  brain_config: brainConfigSchema.default({}),
  deployment_id: createAgentSchema.shape.deploymentId,
})

const executeTaskSchema = z.object({
  agent_id: agentIdSchema,
  task_type: z.string().min(1).max(128),
  task_data: z.record(z.string(), dataSchema).default({}),
  priority: prioritySchema.optional(),
  timeout_seconds: timeoutSecondsSchema.optional(),
  callback_url: createExecutionSchema.shape.callbackUrl,
})

const statusSchema = z.object({ agent_id: agentIdSchema, status: z.enum(AGENT_STATUSES) })

async function findAgent({ agents }: HttpDependencies, tenant: string, agentId: string): Promise<Agent> {
  const agent = await agents.get(tenant, agentId)
  if (!agent) throw new NotFoundError('agent', agentId)
  return agent
}

/** The model of a new agent whose registration names none. */
function modelFor(
  { llm, components = [] }: z.infer<typeof brainConfigSchema>,
  { defaultModel }: HttpDependencies,
): { llm?: LlmSettings } {
  if (llm || components.some(({ type }) => type === 'model')) return {}
  if (defaultModel) return { llm: defaultModel }
  throw new ValidationError(
    'the agent has no model: name one in "brain_config.llm" or in a component of the type "model", or set "defaultModel" of the stage',
    [{ path: 'brain_config.llm', message: 'is missing' }],
  )
}

/** The paths of an agent orchestrator. */
export const ORCHESTRATOR_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/orchestrator/register',
    operation: 'orchestratorRegister',
    summary: 'Registers an agent, which is active at once; a known one is changed',
    tag: 'Aliases',
    errors: ['conflict', 'invalid_state', 'quota_exceeded', 'secret_in_request', 'unsupported'],
    scope: 'agents:write',
    body: registrationSchema,
    refusesSecrets: true,
    status: 200,
    response: z.object({ status: z.literal('registered'), agent_id: agentIdSchema }),
    async handle({ principal, body }, dependencies) {
      const { agent_id: agentId, agent_name, domain, deployment_id: deploymentId, brain_config: brain } = body
      const { persona, reasoningPattern, components, connections, llm, ...rest } = brain
      const config = Object.keys(rest).length > 0 ? rest : undefined
      const { before } = await registerAgent(dependencies, principal, {
        kind: 'llm',
        agentId,
        definition: {
          ...{ name: agent_name, domain, deploymentId, config },
          ...{ persona, reasoningPattern, components, connections, llm },
        },
        ofNew: () => ({ name: agentId, ...modelFor(brain, dependencies) }),
      })
      return { body: { status: 'registered', agent_id: agentId }, before }
    },
  }),

  route({
    method: 'POST',
    path: '/orchestrator/unregister',
    operation: 'orchestratorUnregister',
    summary: 'Removes an agent, after its executions have ended',
    tag: 'Aliases',
    errors: ['not_found', 'invalid_state'],
    scope: 'agents:write',
    body: target,
    status: 200,
    response: z.object({ status: z.literal('unregistered'), agent_id: agentIdSchema }),
    alsoAnswers: [{ status: 202, response: z.object({ status: z.literal('unregistering'), agent_id: agentIdSchema }) }],
    async handle({ principal: { tenant }, body: { agent_id } }, dependencies) {
      const draining = await changeAgentStatus(dependencies, { tenant, agentId: agent_id }, 'delete')
      if (draining) return { body: { status: 'unregistering', agent_id }, status: 202 }
      return { body: { status: 'unregistered', agent_id } }
    },
  }),

  route({
    method: 'GET',
    path: '/orchestrator/agents',
    operation: 'orchestratorListAgents',
    summary: 'Agents, by id',
    tag: 'Aliases',
    scope: 'agents:read',
    query: z.object(pageQuery({ byDefault: 100 })),
    status: 200,
    response: z.object({ agents: z.array(agentViewSchema), count: z.int(), next: z.string().optional() }),
    async handle({ principal: { tenant }, query }, dependencies) {
      const { agents, next } = await dependencies.agents.list(tenant, query)
      return { body: { agents: agents.map(agentView), count: agents.length, next } }
    },
  }),

  route({
    method: 'GET',
    path: '/orchestrator/agents/{agent_id}',
    operation: 'orchestratorGetAgent',
    summary: 'One agent, and how much it has to do',
    tag: 'Aliases',
    errors: ['not_found'],
    scope: 'agents:read',
    params: target,
    status: 200,
    response: agentDetailSchema,
    async handle({ principal: { tenant }, params: { agent_id: agentId } }, dependencies) {
      const [agent, gate] = await Promise.all([
        findAgent(dependencies, tenant, agentId),
        dependencies.admission.gate({ tenant, agentId }),
      ])
      return { body: agentDetail(agent, gate) }
    },
  }),

  route({
    method: 'POST',
    path: '/orchestrator/start',
    operation: 'orchestratorStart',
    summary: 'Starts an agent, if it does not run already',
    tag: 'Aliases',
    errors: ['not_found', 'invalid_state'],
    scope: 'agents:write',
    body: target,
    status: 200,
    response: statusSchema,
    async handle({ principal: { tenant }, body: { agent_id: agentId } }, dependencies) {
      const agent = await findAgent(dependencies, tenant, agentId)
      const { status } = await activate(dependencies, { tenant, agentId }, agent)
      return { body: { agent_id: agentId, status } }
    },
  }),

  route({
    method: 'POST',
    path: '/orchestrator/stop',
    operation: 'orchestratorStop',
    summary: 'Stops an agent: what runs ends, what waits goes on waiting',
    tag: 'Aliases',
    errors: ['not_found', 'invalid_state'],
    scope: 'agents:write',
    body: target,
    status: 200,
    response: statusSchema,
    async handle({ principal: { tenant }, body: { agent_id: agentId } }, dependencies) {
      const agent = await changeAgentStatus(dependencies, { tenant, agentId }, 'stop')
      return { body: { agent_id: agentId, status: agent?.status ?? 'deleted' } }
    },
  }),

  route({
    method: 'POST',
    path: '/orchestrator/execute-task',
    operation: 'orchestratorExecuteTask',
    idempotency: 'derived',
    summary: 'Asks an agent to do something',
    description: 'An agent without code of its own gets the task as a text, unless `task_data` has a `content`.',
    tag: 'Aliases',
    errors: ['not_found', 'forbidden', 'agent_not_running', 'queue_full', 'unsupported_task_type', 'conflict', 'quota_exceeded'],
    scope: 'executions:write',
    body: executeTaskSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 202,
    response: z.object({ task_id: executionIdSchema, agent_id: agentIdSchema, status: z.literal('accepted') }),
    async handle({ principal, body, idempotencyKey }, dependencies) {
      const { agent_id: agentId, task_type: type, task_data, priority, timeout_seconds, callback_url: callbackUrl } = body
      if (callbackUrl !== undefined) allowedUrl(callbackUrl, dependencies.allowPrivateCallbacks)
      const agent = await findAgent(dependencies, principal.tenant, agentId)
      const input = taskInput(agent, task_data, { task_type: type, task_data })
      const request = { agentId, input, type, priority, timeoutSeconds: timeout_seconds, callbackUrl }
      const { executionId } = await submitExecution(dependencies, principal, request, { idempotencyKey })
      return { body: { task_id: executionId, agent_id: agentId, status: 'accepted' } }
    },
  }),

  route({
    method: 'GET',
    path: '/orchestrator/tasks/{task_id}',
    operation: 'orchestratorGetTask',
    summary: 'How a task is',
    tag: 'Aliases',
    errors: ['not_found'],
    scope: 'executions:read',
    params: z.object({ task_id: z.string() }),
    status: 200,
    response: taskDetailSchema,
    async handle({ principal, params: { task_id } }, dependencies) {
      return { body: taskDetail(await findTask(dependencies, principal, task_id)) }
    },
  }),
]
