import type { AgentKey } from '#shared/agents/gate.ts'
import type { AgentCensus, AgentState } from './agent-census.ts'

/** A census in memory. */
export function memoryAgentCensus(): AgentCensus {
  const agents = new Map<string, AgentKey & AgentState>()
  return {
    async note({ tenant, agentId }, state) {
      const id = JSON.stringify([tenant, agentId])
      if (state) agents.set(id, { tenant, agentId, ...state })
      else agents.delete(id)
    },
    async counts(tenant) {
      const own = [...agents.values()].filter((agent) => agent.tenant === tenant)
      const tally = <Key extends string>(keys: Key[]) =>
        Object.fromEntries([...Map.groupBy(keys, (key) => key)].map(([key, all]) => [key, all.length])) as Partial<
          Record<Key, number>
        >
      return { statuses: tally(own.map(({ status }) => status)), healths: tally(own.map(({ health }) => health)) }
    },
  }
}
