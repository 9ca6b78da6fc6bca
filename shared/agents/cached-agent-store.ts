import type { Clock } from '#shared/platform/clock.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { AgentStore } from './agent-store.ts'

/** How long a warm function goes on with a definition it has read, in milliseconds: the longest time a change takes to be noticed. */
const MAX_AGE_MS = 5_000
const MAX_AGENTS = 1_000

/** Remembers agents for a few seconds, for workers that run many executions of the same ones. Agents that are missing are not remembered. */
export function cachedAgentStore(store: AgentStore, clock: Clock): AgentStore {
  const known = new Map<string, { agent: Agent; readAt: number }>()
  return {
    ...store,
    async get(tenant, agentId) {
      const key = JSON.stringify([tenant, agentId])
      const entry = known.get(key)
      if (entry && clock.now() - entry.readAt < MAX_AGE_MS) return entry.agent
      const agent = await store.get(tenant, agentId)
      if (known.size >= MAX_AGENTS) known.clear()
      if (agent) known.set(key, { agent, readAt: clock.now() })
      else known.delete(key)
      return agent
    },
  }
}
