import { encodeCursor } from '#shared/platform/cursor.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { AgentFilter } from './agent-store.ts'

/** Agents that one call looks at, at the most: what does not pass the filter costs reading too. */
export const MAX_LOOKED_AT = 500

/** An agent in the order of the list; without a record when it is gone since its entry was read. */
export type Candidate = { agentId: string; agent: Agent | undefined }

/** Takes candidates until the page is full, or enough was looked at. There is a `next` when there is another candidate. */
export async function pageOfAgents(
  candidates: AsyncIterable<Candidate> | Iterable<Candidate>,
  limit: number,
  filter: AgentFilter,
): Promise<{ agents: Agent[]; next?: string }> {
  const agents: Agent[] = []
  let looked = 0
  let last = ''
  for await (const { agentId, agent } of candidates) {
    if (agents.length === limit || looked === MAX_LOOKED_AT) return { agents, next: encodeCursor(last) }
    looked += 1
    last = agentId
    if (agent && passes(agent, filter)) agents.push(agent)
  }
  return { agents }
}

/** Whether nothing but reading tells whether an agent passes. */
export const needsReading = ({ status, kind, agentType, deploymentId, domain, capability }: AgentFilter): boolean =>
  [status, kind, agentType, deploymentId].some((wanted) => wanted !== undefined) ||
  (domain !== undefined && capability !== undefined)

/** Whether an agent is what a filter names. */
export function passes(agent: Agent, { capability, ...wanted }: AgentFilter): boolean {
  if (capability !== undefined && !agent.capabilities?.includes(capability)) return false
  return (['domain', 'status', 'kind', 'agentType', 'deploymentId'] as const).every(
    (name) => wanted[name] === undefined || wanted[name] === agent[name],
  )
}
