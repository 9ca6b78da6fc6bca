import type { Agent } from '#shared/protocol/agent.ts'

/** Agents of a tenant and what they subscribe to. Reads are consistent unless said otherwise. */
export type AgentStore = {
  /** Stores a new agent and its subscriptions in one transaction. `exists`: the id is taken, nothing was written. */
  create(tenant: string, agent: Agent): Promise<'created' | 'exists'>
  get(tenant: string, agentId: string): Promise<Agent | undefined>
  /** Agents by id. `after` is the `next` of the page before; a foreign cursor throws ValidationError. */
  list(tenant: string, page: { limit: number; after?: string | undefined }): Promise<{ agents: Agent[]; next?: string }>
  /** Ids of the agents that subscribed to a topic, all of them. */
  subscribersOf(tenant: string, topic: string): Promise<string[]>
}
