import * as z from 'zod'
import { createAgent } from '#shared/agents/create-agent.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { agentListSchema, agentSchema, createAgentSchema } from '#shared/protocol/agent.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { limitQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const MAX_AGENTS_PAGE = 100
const DEFAULT_AGENTS_PAGE = 50

export const AGENT_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/agents',
    scope: 'agents:write',
    body: createAgentSchema,
    status: 201,
    response: agentSchema,
    async handle({ principal, body, idempotencyKey }, dependencies) {
      const agent = await createAgent(dependencies, principal, body, { idempotencyKey })
      return { body: agent, headers: { location: `/v1/agents/${agent.agentId}` } }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/agents',
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
    scope: 'agents:read',
    params: z.object({ agentId: agentIdSchema }),
    status: 200,
    response: agentSchema,
    async handle({ principal, params: { agentId } }, { agents }) {
      const agent = await agents.get(principal.tenant, agentId)
      if (!agent) throw new NotFoundError('agent', agentId)
      return { body: agent }
    },
  }),
]
