import * as z from 'zod'
import type { Principal } from '#shared/access/principal.ts'
import { createAgent } from '#shared/agents/create-agent.ts'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import { requireAllowedEndpoint } from '#shared/executions/remote-endpoint.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import {
  type Agent,
  type AgentHealth,
  type AgentQueue,
  agentHealthSchema,
  agentListSchema,
  agentQueueSchema,
  agentSchema,
  agentSubscriptionsSchema,
  newAgentSchema,
  stopAgentSchema,
} from '#shared/protocol/agent.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { limitQuery } from '../query.ts'
import { type Answer, type Route, route } from '../route.ts'

const MAX_AGENTS_PAGE = 100
const DEFAULT_AGENTS_PAGE = 50

const params = z.object({ agentId: agentIdSchema })

async function findAgent({ agents }: HttpDependencies, { tenant }: Principal, agentId: string): Promise<Agent> {
  const agent = await agents.get(tenant, agentId)
  if (!agent) throw new NotFoundError('agent', agentId)
  return agent
}

async function findQueue({ admission }: HttpDependencies, { tenant }: Principal, agentId: string): Promise<AgentQueue> {
  const gate = await admission.gate({ tenant, agentId })
  if (!gate) throw new NotFoundError('agent', agentId)
  const { open, limit, active, waiting } = gate
  return { open, limit, active: active.length, waiting }
}

/** 202 for an agent that is on its way, 204 for one that is gone. */
function answerOf(agent: Agent | undefined): Answer {
  if (!agent) return { status: 204 }
  return { body: agent, status: agent.status === 'starting' || agent.status === 'stopping' ? 202 : 200 }
}

const VERB_SUMMARIES = {
  start: 'Starts an agent: its work begins',
  pause: 'Pauses an agent: nothing begins, nothing is lost',
  resume: 'Resumes a paused agent',
}

const verbRoute = (verb: 'start' | 'pause' | 'resume'): Route =>
  route({
    method: 'POST',
    path: `/v1/agents/{agentId}/${verb}`,
    operation: `${verb}Agent`,
    summary: VERB_SUMMARIES[verb],
    tag: 'Agents',
    errors: ['not_found', 'invalid_state'],
    scope: 'agents:write',
    params,
    status: 200,
    response: agentSchema,
    async handle({ principal: { tenant }, params: { agentId } }, dependencies) {
      return answerOf(await changeAgentStatus(dependencies, { tenant, agentId }, verb))
    },
  })

export const AGENT_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/agents',
    operation: 'createAgent',
    summary: 'Registers an agent',
    tag: 'Agents',
    errors: ['conflict'],
    scope: 'agents:write',
    body: newAgentSchema,
    status: 201,
    response: agentSchema,
    async handle({ principal, body, idempotencyKey }, dependencies) {
      if (body.kind === 'remote') await requireAllowedEndpoint(body.endpoint, dependencies)
      const agent = await createAgent(dependencies, principal, body, { idempotencyKey })
      return { body: agent, headers: { location: `/v1/agents/${agent.agentId}` } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/agents',
    operation: 'listAgents',
    summary: 'Agents, by id',
    tag: 'Agents',
    scope: 'agents:read',
    query: z.strictObject({ limit: limitQuery(MAX_AGENTS_PAGE, DEFAULT_AGENTS_PAGE), after: z.string().optional() }),
    status: 200,
    response: agentListSchema,
    async handle({ principal, query }, { agents }) {
      return { body: await agents.list(principal.tenant, query) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/agents/{agentId}',
    operation: 'getAgent',
    summary: 'One agent',
    tag: 'Agents',
    errors: ['not_found'],
    scope: 'agents:read',
    params,
    status: 200,
    response: agentSchema,
    async handle({ principal, params: { agentId } }, dependencies) {
      return { body: await findAgent(dependencies, principal, agentId) }
    },
  }),

  verbRoute('start'),
  verbRoute('pause'),
  verbRoute('resume'),

  route({
    method: 'POST',
    path: '/v1/agents/{agentId}/stop',
    operation: 'stopAgent',
    summary: 'Stops an agent: what runs ends, or is cancelled',
    tag: 'Agents',
    errors: ['not_found', 'invalid_state'],
    scope: 'agents:write',
    params,
    body: stopAgentSchema.prefault({}),
    status: 200,
    response: agentSchema,
    async handle({ principal: { tenant }, params: { agentId }, body }, dependencies) {
      return answerOf(await changeAgentStatus(dependencies, { tenant, agentId }, 'stop', body))
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/agents/{agentId}',
    operation: 'deleteAgent',
    summary: 'Removes an agent, after its executions have ended',
    tag: 'Agents',
    errors: ['not_found', 'invalid_state'],
    scope: 'agents:write',
    params,
    status: 204,
    response: agentSchema.optional(),
    async handle({ principal: { tenant }, params: { agentId } }, dependencies) {
      return answerOf(await changeAgentStatus(dependencies, { tenant, agentId }, 'delete'))
    },
  }),

  route({
    method: 'GET',
    path: '/v1/agents/{agentId}/health',
    operation: 'getAgentHealth',
    summary: 'How an agent is',
    tag: 'Agents',
    errors: ['not_found'],
    scope: 'agents:read',
    params,
    status: 200,
    response: agentHealthSchema,
    async handle({ principal, params: { agentId } }, dependencies) {
      const [agent, queue] = await Promise.all([
        findAgent(dependencies, principal, agentId),
        findQueue(dependencies, principal, agentId),
      ])
      const { status, health, healthDetail: detail, healthCheckedAt: checkedAt } = agent
      const body: AgentHealth = { status, health, detail, checkedAt, queue }
      return { body }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/agents/{agentId}/queue',
    operation: 'getAgentQueue',
    summary: 'Who runs and who waits at an agent',
    tag: 'Agents',
    errors: ['not_found'],
    scope: 'agents:read',
    params,
    status: 200,
    response: agentQueueSchema,
    async handle({ principal, params: { agentId } }, dependencies) {
      return { body: await findQueue(dependencies, principal, agentId) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/agents/{agentId}/subscriptions',
    operation: 'listAgentSubscriptions',
    summary: 'Topics that an agent listens to',
    tag: 'Agents',
    errors: ['not_found'],
    scope: 'agents:read',
    params,
    status: 200,
    response: agentSubscriptionsSchema,
    async handle({ principal, params: { agentId } }, dependencies) {
      const { topics, filters } = await findAgent(dependencies, principal, agentId)
      return { body: { subscriptions: topics.map((topic) => ({ topic, filter: filters?.[topic] })) } }
    },
  }),
]
