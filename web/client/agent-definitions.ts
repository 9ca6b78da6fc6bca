import type { Agent } from '#shared/protocol/agent.ts'
import type { AgentConfiguration } from '#shared/protocol/agent-configuration.ts'
import type { AgentTemplate, AgentTemplateList } from '#shared/protocol/agent-template.ts'
import type { CallOptions } from './calls.ts'
import type { HttpCaller } from './http.ts'

/** A template as it is sent; the server checks it. */
export interface TemplateContent {
  description?: string
  /** Fields of an agent's definition, any of them. */
  definition: Record<string, unknown>
}

export interface AgentDefinitionCalls {
  /** Changes an agent's definition by a JSON merge patch: null takes a field away; `version` refuses what is not of that version. */
  patchAgent(agentId: string, patch: Record<string, unknown>, options?: CallOptions): Promise<Agent>
  /** Every setting that an agent runs with, and where it comes from. */
  agentConfiguration(agentId: string, options?: CallOptions): Promise<AgentConfiguration>
  /** All templates of the tenant. */
  agentTemplates(options?: CallOptions): Promise<AgentTemplate[]>
  agentTemplate(name: string, options?: CallOptions): Promise<AgentTemplate>
  /** Stores a template, or replaces it. */
  putAgentTemplate(name: string, content: TemplateContent, options?: CallOptions): Promise<AgentTemplate>
  deleteAgentTemplate(name: string, options?: CallOptions): Promise<void>
}

export function agentDefinitionCalls(http: HttpCaller): AgentDefinitionCalls {
  return {
    patchAgent: (agentId, body, { signal } = {}) => http(agentPath(agentId), { method: 'PATCH', body, signal }),
    agentConfiguration: (agentId, { signal } = {}) => http(`${agentPath(agentId)}/configuration`, { signal }),
    async agentTemplates({ signal } = {}) {
      const templates: AgentTemplate[] = []
      let after: string | undefined
      do {
        const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
        const page = await http<AgentTemplateList>(`/v1/agent-templates${query}`, { signal })
        templates.push(...page.templates)
        after = page.next
      } while (after !== undefined)
      return templates
    },
    agentTemplate: (name, { signal } = {}) => http(templatePath(name), { signal }),
    putAgentTemplate: (name, body, { signal } = {}) => http(templatePath(name), { method: 'PUT', body, signal }),
    deleteAgentTemplate: (name, { signal } = {}) => http(templatePath(name), { method: 'DELETE', signal }),
  }
}

const agentPath = (agentId: string): string => `/v1/agents/${encodeURIComponent(agentId)}`
const templatePath = (name: string): string => `/v1/agent-templates/${encodeURIComponent(name)}`
