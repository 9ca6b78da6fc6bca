import type { Principal } from '#shared/access/principal.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { type AgentTemplate, agentTemplateSchema, type TemplateDefinition } from '#shared/protocol/agent-template.ts'
import type { AgentTemplateStore } from './agent-template-store.ts'
import { refuseSecrets } from './refuse-secrets.ts'

export type PutAgentTemplateDependencies = { agentTemplates: AgentTemplateStore; clock: Clock }

/**
 * Stores a template, or replaces it. Whether its fields make an agent is seen when one is made: what is missing comes with the request.
 *
 * @throws SluiceError `secret_in_request`
 */
export async function putAgentTemplate(
  { agentTemplates, clock }: PutAgentTemplateDependencies,
  { tenant }: Pick<Principal, 'tenant'>,
  name: string,
  content: TemplateDefinition,
): Promise<{ before: AgentTemplate | undefined; template: AgentTemplate }> {
  refuseSecrets({ name, ...content })
  const before = await agentTemplates.get(tenant, name)
  const now = timestamp(clock)
  const template = agentTemplateSchema.parse({ ...content, name, createdAt: now, updatedAt: now })
  return { before, template: await agentTemplates.put(tenant, template) }
}
