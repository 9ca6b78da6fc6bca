import { encodeCursor } from '#shared/platform/cursor.ts'
import { decodeIdCursor } from '#shared/platform/id-cursor.ts'
import type { AgentTemplate } from '#shared/protocol/agent-template.ts'
import type { AgentTemplateStore } from './agent-template-store.ts'

/** Templates of one process, for tests. */
export function memoryAgentTemplateStore(): AgentTemplateStore {
  const tenants = new Map<string, Map<string, AgentTemplate>>()
  const templatesOf = (tenant: string): Map<string, AgentTemplate> => {
    const templates = tenants.get(tenant) ?? new Map<string, AgentTemplate>()
    tenants.set(tenant, templates)
    return templates
  }

  return {
    async put(tenant, template) {
      const templates = templatesOf(tenant)
      const createdAt = templates.get(template.name)?.createdAt ?? template.createdAt
      templates.set(template.name, structuredClone({ ...template, createdAt }))
      return structuredClone({ ...template, createdAt })
    },

    async get(tenant, name) {
      return structuredClone(templatesOf(tenant).get(name))
    },

    async list(tenant, { limit, after }) {
      const start = after === undefined ? '' : decodeIdCursor(after)
      const rest = [...templatesOf(tenant).values()]
        .filter(({ name }) => name > start)
        .sort((one, other) => (one.name < other.name ? -1 : 1))
      const templates = rest.slice(0, limit)
      const last = templates.at(-1)
      return { templates: structuredClone(templates), ...(last && rest.length > limit && { next: encodeCursor(last.name) }) }
    },

    async remove(tenant, name) {
      return templatesOf(tenant).delete(name) ? 'removed' : 'missing'
    },
  }
}
