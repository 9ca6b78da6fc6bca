import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { Agent } from '#shared/protocol/agent.ts'

/** Agents of one read. */
const PAGE = 100

/** All agents of a tenant, read as they are asked for. */
export async function* everyAgent(agents: AgentStore, tenant: string): AsyncGenerator<Agent> {
  let after: string | undefined
  do {
    const page = await agents.list(tenant, { limit: PAGE, after })
    yield* page.agents
    after = page.next
  } while (after !== undefined)
}
