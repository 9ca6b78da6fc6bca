import * as z from 'zod'
import { agentConfiguration } from '#shared/executions/agent-configuration.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { agentConfigurationSchema } from '#shared/protocol/agent-configuration.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { type Route, route } from '../route.ts'

export const AGENT_CONFIGURATION_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/agents/{agentId}/configuration',
    operation: 'getAgentConfiguration',
    summary: 'Every setting that an agent runs with, and where it comes from',
    description:
      'What the definition says comes before the environment of the stage, that before a secret, that before the default. Secrets are named, never shown.',
    tag: 'Agents',
    errors: ['not_found'],
    scope: 'agents:read',
    params: z.object({ agentId: agentIdSchema }),
    status: 200,
    response: agentConfigurationSchema,
    async handle({ principal: { tenant }, params: { agentId } }, dependencies) {
      const agent = await dependencies.agents.get(tenant, agentId)
      if (!agent) throw new NotFoundError('agent', agentId)
      return { body: await agentConfiguration(dependencies, agent) }
    },
  }),
]
