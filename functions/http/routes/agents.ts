import * as z from 'zod'
import type { Principal } from '#shared/access/principal.ts'
import { createAgent } from '#shared/agents/create-agent.ts'
import { fromTemplate } from '#shared/agents/from-template.ts'
import { patchAgent } from '#shared/agents/patch-agent.ts'
import { admitNext } from '#shared/executions/admit-next.ts'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import { requireAllowedEndpoint } from '#shared/executions/remote-endpoint.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import {
  AGENT_STATUSES,
  type Agent,
  agentSchema,
  agentSubscriptionsSchema,
  newAgentSchema,
  stopAgentSchema,
} from '#shared/protocol/agent.ts'
import {
  AGENT_FIELDS,
  AGENT_KINDS,
  patchAgentSchema,
  type SparseAgent,
  sparseAgentListSchema,
} from '#shared/protocol/agent-definition.ts'
import { type AgentQueue, agentHealthSchema, agentQueueSchema } from '#shared/protocol/agent-health.ts'
import { agentFromTemplateSchema } from '#shared/protocol/agent-template.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { agentHealthOf } from '../agent-health.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { agentTag, hasTag, versionCondition } from '../entity-tag.ts'
import { fieldsQuery, pageQuery, pickFields } from '../query.ts'
import { type Answer, type Route, route } from '../route.ts'

const params = z.object({ agentId: agentIdSchema })

const listQuery = z.strictObject({
  domain: z.string().max(64).optional(),
  capability: z.string().max(64).optional(),
  status: z.enum(AGENT_STATUSES).optional(),
  kind: z.enum(AGENT_KINDS).optional(),
  type: z.string().max(128).optional(),
  deploymentId: z.string().max(128).optional(),
  fields: fieldsQuery(AGENT_FIELDS),
  ...pageQuery(),
})

const LIST_DESCRIPTION = `All that is named must be so; \`type\` is the \`agentType\`. A call looks at 500 agents at the most, so a page may be shorter than
\`limit\`, or empty, though there is a \`next\`. \`fields\` names what is wanted of each, separated by commas; the id is always there.`

const PATCH_DESCRIPTION = `The body is a JSON merge patch (RFC 7396): fields of the definition, objects merged, null takes a field away. \`If-Match\` with the
\`ETag\`, or \`version\` in the body, refuses a patch of what has changed meanwhile; without both the last one wins. The version grows by one, unless
nothing changes. Agents in code are changed by deploying them.`

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

/** The agent has to end something before it is where it is to be. */
const ON_ITS_WAY = { status: 202, response: agentSchema }

const verbRoute = (verb: 'start' | 'pause' | 'resume'): Route =>
  route({
    method: 'POST',
    path: `/v1/agents/{agentId}/${verb}`,
    operation: `${verb}Agent`,
    summary: VERB_SUMMARIES[verb],
    tag: 'Agents',
    errors: ['not_found', 'invalid_state', ...(verb === 'start' ? (['authentication_error'] as const) : [])],
    scope: 'agents:write',
    params,
    status: 200,
    response: agentSchema,
    alsoAnswers: [ON_ITS_WAY],
    async handle({ principal: { tenant }, params: { agentId } }, dependencies) {
      return answerOf(await changeAgentStatus(dependencies, { tenant, agentId }, verb))
    },
  })

export const AGENT_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/agents',
    operation: 'createAgent',
    idempotency: 'derived',
    summary: 'Registers an agent',
    tag: 'Agents',
    description: 'With `template` the other fields are a JSON merge patch (RFC 7396) over the definition of that name.',
    errors: ['conflict', 'unsupported', 'secret_in_request', 'quota_exceeded', 'authentication_error'],
    scope: 'agents:write',
    body: z.union([newAgentSchema, agentFromTemplateSchema]),
    refusesSecrets: true,
    status: 201,
    response: agentSchema,
    async handle({ principal, body, idempotencyKey }, dependencies) {
      const request = 'template' in body ? await fromTemplate(dependencies, principal, body) : body
      if (request.kind === 'remote') await requireAllowedEndpoint(request.endpoint, dependencies)
      const agent = await createAgent(dependencies, principal, request, { idempotencyKey })
      return { body: agent, headers: { location: `/v1/agents/${agent.agentId}`, etag: agentTag(agent) } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/agents',
    operation: 'listAgents',
    summary: 'Agents, by id',
    description: LIST_DESCRIPTION,
    tag: 'Agents',
    scope: 'agents:read',
    query: listQuery,
    status: 200,
    response: sparseAgentListSchema,
    async handle({ principal, query: { limit, after, fields, type, ...filter } }, { agents }) {
      const page = await agents.list(principal.tenant, { limit, after, filter: { ...filter, agentType: type } })
      return {
        body: { ...page, agents: page.agents.map((agent: SparseAgent) => pickFields(agent, fields && ['agentId', ...fields])) },
      }
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
    headers: ['If-None-Match'],
    status: 200,
    response: agentSchema,
    alsoAnswers: [{ status: 304, response: z.undefined() }],
    async handle({ principal, params: { agentId }, event }, dependencies) {
      const agent = await findAgent(dependencies, principal, agentId)
      const etag = agentTag(agent)
      if (hasTag(event.headers['if-none-match'], etag)) return { status: 304, headers: { etag } }
      return { body: agent, headers: { etag } }
    },
  }),

  route({
    method: 'PATCH',
    path: '/v1/agents/{agentId}',
    operation: 'patchAgent',
    summary: "Changes an agent's definition",
    description: PATCH_DESCRIPTION,
    tag: 'Agents',
    errors: ['not_found', 'conflict', 'precondition_failed', 'invalid_state', 'unsupported', 'secret_in_request'],
    scope: 'agents:write',
    params,
    body: patchAgentSchema,
    refusesSecrets: true,
    headers: ['If-Match'],
    status: 200,
    response: agentSchema,
    async handle({ principal: { tenant }, params: { agentId }, body, event }, dependencies) {
      const key = { tenant, agentId }
      if (typeof body.endpoint === 'string') await requireAllowedEndpoint(body.endpoint, dependencies)
      const isMeant = versionCondition(event.headers['if-match'])
      const { before, agent } = await patchAgent(dependencies, key, body, { isMeant })
      if (agent.status === 'running' && agent.maxConcurrency > before.maxConcurrency) await admitNext(dependencies, key)
      return { body: agent, headers: { etag: agentTag(agent) }, before }
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
    alsoAnswers: [ON_ITS_WAY],
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
    response: z.undefined(),
    alsoAnswers: [ON_ITS_WAY],
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
      return { body: await agentHealthOf(dependencies, principal.tenant, agent, queue) }
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
