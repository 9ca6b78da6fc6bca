import { decodeIdCursor, encodeIdCursor } from '#shared/platform/id-cursor.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { AgentStore } from './agent-store.ts'
import { subscriptionsOf } from './agent-subscriptions.ts'
import type { AgentKey } from './gate.ts'
import { type MemoryGates, memoryGates } from './memory-gates.ts'
import { newGate } from './new-gate.ts'

/** Agents of one process, for tests; executions in memory share its gates. */
export function memoryAgentStore(gates: MemoryGates = memoryGates()): AgentStore {
  const tenants = new Map<string, Map<string, Agent>>()
  const agentsOf = (tenant: string): Agent[] =>
    [...(tenants.get(tenant)?.values() ?? [])].sort((one, other) => (one.agentId < other.agentId ? -1 : 1))
  const find = ({ tenant, agentId }: AgentKey): Agent | undefined => tenants.get(tenant)?.get(agentId)
  const store = (tenant: string, agent: Agent): void => {
    const agents = tenants.get(tenant) ?? new Map<string, Agent>()
    tenants.set(tenant, agents.set(agent.agentId, structuredClone(agent)))
  }

  return {
    async create(tenant, agent) {
      const key = { tenant, agentId: agent.agentId }
      if (find(key)) return 'exists'
      store(tenant, agent)
      gates.put(key, newGate(agent), agent.status === 'running' ? Date.parse(agent.createdAt) : undefined)
      return 'created'
    },

    async get(tenant, agentId) {
      return structuredClone(find({ tenant, agentId }))
    },

    async list(tenant, { limit, after }) {
      const start = after === undefined ? '' : decodeIdCursor(after)
      const rest = agentsOf(tenant).filter(({ agentId }) => agentId > start)
      const agents = rest.slice(0, limit)
      const last = agents.at(-1)
      return { agents: structuredClone(agents), ...(last && rest.length > limit && { next: encodeIdCursor(last.agentId) }) }
    },

    async subscribersOf(tenant, topic) {
      return agentsOf(tenant).flatMap((agent) =>
        [...subscriptionsOf(agent)].filter(([name]) => name === topic).map(([, subscription]) => structuredClone(subscription)),
      )
    },

    async replace(tenant, agent) {
      const key = { tenant, agentId: agent.agentId }
      const [standing, gate] = [find(key), gates.find(key)]
      if (!standing || !gate || standing.revision !== agent.revision - 1) return 'changed'
      const { status, statusReason, desiredStatus, stopPolicy, health, healthDetail, healthCheckedAt, createdAt } = standing
      const state = { status, statusReason, desiredStatus, stopPolicy, health, healthDetail, healthCheckedAt, createdAt }
      store(tenant, withoutUndefined({ ...agent, ...state }))
      Object.assign(gate, { limit: agent.maxConcurrency, queueLimit: agent.maxQueue })
      return 'replaced'
    },

    async changeStatus(key, { from, revision, to, open, desiredStatus, stopPolicy, reason, dueAt, at }) {
      const [standing, gate] = [find(key), gates.find(key)]
      if (!standing || !gate) return { result: 'missing' }
      const refused = !from.includes(standing.status) || (revision !== undefined && revision !== standing.revision)
      if (refused) return { result: 'refused', agent: structuredClone(standing) }
      const state = {
        status: to,
        desiredStatus,
        stopPolicy,
        statusReason: reason,
        revision: standing.revision + 1,
        updatedAt: at,
      }
      const agent = withoutUndefined({ ...standing, ...state })
      store(key.tenant, agent)
      Object.assign(gate, { open, dueAt })
      return { result: 'changed', agent }
    },

    async remove(key) {
      const gate = gates.find(key)
      if (!find(key)) return 'missing'
      if (gate && (gate.active.length > 0 || gate.waiting > 0)) return 'busy'
      tenants.get(key.tenant)?.delete(key.agentId)
      gates.remove(key)
      return 'removed'
    },

    async setHealth(key, { health, detail, at }) {
      const agent = find(key)
      if (agent) Object.assign(agent, { health, healthDetail: detail, healthCheckedAt: at })
    },

    async listDue(now, limit) {
      return gates
        .all()
        .filter(({ dueAt }) => dueAt !== undefined && dueAt < now)
        .sort((one, other) => (one.dueAt ?? 0) - (other.dueAt ?? 0))
        .slice(0, limit)
        .map(({ agent: { tenant, agentId } }) => ({ tenant, agentId }))
    },

    async postpone(key, { seenAt, dueAt }) {
      const gate = gates.find(key)
      if (gate?.dueAt !== undefined && gate.dueAt <= seenAt) gate.dueAt = dueAt
    },
  }
}

/** As a table gives it back: what is undefined is not there. */
const withoutUndefined = (agent: Agent): Agent =>
  Object.fromEntries(Object.entries(agent).filter(([, value]) => value !== undefined)) as Agent
