import * as z from 'zod'
import { putAgentTemplate } from '#shared/agents/put-agent-template.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import {
  agentTemplateListSchema,
  agentTemplateSchema,
  templateDefinitionSchema,
  templateNameSchema,
} from '#shared/protocol/agent-template.ts'
import { pageQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const params = z.object({ name: templateNameSchema })

export const AGENT_TEMPLATE_ROUTES: readonly Route[] = [
  route({
    method: 'PUT',
    path: '/v1/agent-templates/{name}',
    operation: 'putAgentTemplate',
    summary: 'Stores a template of agents, or replaces it',
    description: 'Agents that were made from it stay as they are.',
    tag: 'Agents',
    errors: ['secret_in_request'],
    scope: 'agents:write',
    params,
    body: templateDefinitionSchema,
    refusesSecrets: true,
    status: 200,
    response: agentTemplateSchema,
    async handle({ principal, params: { name }, body }, dependencies) {
      const { before, template } = await putAgentTemplate(dependencies, principal, name, body)
      return { body: template, before }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/agent-templates',
    operation: 'listAgentTemplates',
    summary: 'Templates of agents, by name',
    tag: 'Agents',
    scope: 'agents:read',
    query: z.strictObject(pageQuery()),
    status: 200,
    response: agentTemplateListSchema,
    async handle({ principal, query }, { agentTemplates }) {
      return { body: await agentTemplates.list(principal.tenant, query) }
    },
  }),

  route({
    method: 'GET',
    path: '/v1/agent-templates/{name}',
    operation: 'getAgentTemplate',
    summary: 'One template of agents',
    tag: 'Agents',
    errors: ['not_found'],
    scope: 'agents:read',
    params,
    status: 200,
    response: agentTemplateSchema,
    async handle({ principal: { tenant }, params: { name } }, { agentTemplates }) {
      const template = await agentTemplates.get(tenant, name)
      if (!template) throw new NotFoundError('template', name)
      return { body: template }
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/agent-templates/{name}',
    operation: 'deleteAgentTemplate',
    summary: 'Deletes a template; agents that were made from it stay',
    tag: 'Agents',
    errors: ['not_found'],
    scope: 'agents:write',
    params,
    status: 204,
    response: z.undefined(),
    async handle({ principal: { tenant }, params: { name } }, { agentTemplates }) {
      if ((await agentTemplates.remove(tenant, name)) === 'missing') throw new NotFoundError('template', name)
      return {}
    },
  }),
]
