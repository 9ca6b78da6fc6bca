import type { Agent } from '#shared/protocol/agent.ts'
import { decodeAgentCursor, encodeAgentCursor } from './agent-cursor.ts'
import type { AgentStore } from './agent-store.ts'

/** Agents of one process, for tests. */
export function memoryAgentStore(): AgentStore {
  const tenants = new Map<string, Map<string, Agent>>()
  const agentsOf = (tenant: string): Agent[] =>
    [...(tenants.get(tenant)?.values() ?? [])].sort((one, other) => (one.agentId < other.agentId ? -1 : 1))

  return {
    async create(tenant, agent) {
      const agents = tenants.get(tenant) ?? new Map<string, Agent>()
      if (agents.has(agent.agentId)) return 'exists'
      tenants.set(tenant, agents.set(agent.agentId, structuredClone(agent)))
      return 'created'
    },

    async get(tenant, agentId) {
      return structuredClone(tenants.get(tenant)?.get(agentId))
    },

    async list(tenant, { limit, after }) {
      const start = after === undefined ? '' : decodeAgentCursor(after)
      const rest = agentsOf(tenant).filter(({ agentId }) => agentId > start)
      const agents = rest.slice(0, limit)
      const last = agents.at(-1)
      return { agents: structuredClone(agents), ...(last && rest.length > limit && { next: encodeAgentCursor(last.agentId) }) }
    },

    async subscribersOf(tenant, topic) {
      return agentsOf(tenant)
        .filter(({ topics }) => topics.includes(topic))
        .map(({ agentId }) => agentId)
    },
  }
}
