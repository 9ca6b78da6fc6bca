import { decodeIdCursor } from '#shared/platform/id-cursor.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { type AgentStore, MAX_COUNTED } from './agent-store.ts'
import { subscriptionsOf } from './agent-subscriptions.ts'
import type { AgentKey } from './gate.ts'
import { type MemoryGates, memoryGates } from './memory-gates.ts'
import { newGate } from './new-gate.ts'
import { pageOfAgents, passes } from './page-of-agents.ts'

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
    async create(tenant, agent, maxAgents = Number.POSITIVE_INFINITY) {
      const key = { tenant, agentId: agent.agentId }
      if (find(key)) return 'exists'
      if (agentsOf(tenant).length >= maxAgents) return 'full'
      store(tenant, agent)
      gates.put(key, newGate(agent), agent.status === 'running' ? Date.parse(agent.createdAt) : undefined)
      return 'created'
    },

    async get(tenant, agentId) {
      return structuredClone(find({ tenant, agentId }))
    },

    async list(tenant, { limit, after, filter = {} }) {
      const start = after === undefined ? '' : decodeIdCursor(after)
      const { capability, domain } = filter
      // What stands in an index is found there; the rest is looked at, as many as a call may.
      const candidates = agentsOf(tenant)
        .filter((agent) => agent.agentId > start && passes(agent, capability === undefined ? { domain } : { capability }))
        .map((agent) => ({ agentId: agent.agentId, agent: structuredClone(agent) }))
      return pageOfAgents(candidates, limit, filter)
    },

    async capabilitiesOf(tenant, { limit, after = '' }) {
      const names = agentsOf(tenant).flatMap(({ capabilities = [] }) => [...new Set(capabilities)])
      return [...Map.groupBy(names, (name) => name)]
        .map(([capability, agents]) => ({ capability, agents: Math.min(agents.length, MAX_COUNTED) }))
        .filter(({ capability }) => capability > after)
        .sort((one, other) => (one.capability < other.capability ? -1 : 1))
        .slice(0, limit)
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
      Object.assign(gate, { open, dueAt, ...(stopPolicy === 'cancel' && { cancelledThrough: Date.parse(at) }) })
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
