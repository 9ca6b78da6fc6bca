import type { Principal } from '#shared/access/principal.ts'
import { ValidationError } from '#shared/platform/errors.ts'
import { mergePatch } from '#shared/platform/merge-patch.ts'
import { parse } from '#shared/platform/parse.ts'
import { type NewAgent, newAgentSchema } from '#shared/protocol/agent.ts'
import type { AgentTemplateStore } from './agent-template-store.ts'

/**
 * The agent that a template and what is said besides make together: a JSON merge patch over the template's definition. The agent is its own from then
 * on; changes of the template do not reach it.
 *
 * @throws ValidationError for an unknown template, or when both together are no definition
 */
export async function fromTemplate(
  { agentTemplates }: { agentTemplates: AgentTemplateStore },
  { tenant }: Pick<Principal, 'tenant'>,
  { template: name, ...overrides }: { template: string; [field: string]: unknown },
): Promise<NewAgent> {
  const template = await agentTemplates.get(tenant, name)
  if (!template) {
    throw new ValidationError(`the template "${name}" does not exist`, [{ path: 'template', message: 'does not exist' }])
  }
  return parse(newAgentSchema, mergePatch(template.definition, overrides), 'agent that the template makes')
}
