import type { AgentKey } from '#shared/agents/gate.ts'
import type { Agent } from '#shared/protocol/agent.ts'

/** What is counted of an agent. */
export type AgentState = Pick<Agent, 'status' | 'health'>

/** How many agents there are of each status and health; what there is none of is left out. */
export type AgentCounts = {
  statuses: Partial<Record<Agent['status'], number>>
  healths: Partial<Record<Agent['health'], number>>
}

/** How many agents there are, as the changes of the registry say: exact, however often a change is told, and a moment late. */
export type AgentCensus = {
  /** Counts an agent as it is now; absent when it is gone. */
  note(agent: AgentKey, state: AgentState | undefined): Promise<void>
  counts(tenant: string): Promise<AgentCounts>
}

/** What a change of state does to the counts, by the names that they are stored under. */
export function countDifference(before: AgentState | undefined, after: AgentState | undefined): Record<string, number> {
  const difference: Record<string, number> = {}
  const count = (state: AgentState | undefined, by: 1 | -1): void => {
    if (!state) return
    for (const name of [`status:${state.status}`, `health:${state.health}`]) difference[name] = (difference[name] ?? 0) + by
  }
  count(before, -1)
  count(after, 1)
  return Object.fromEntries(Object.entries(difference).filter(([, by]) => by !== 0))
}
