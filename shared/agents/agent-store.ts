import type { Agent, AgentStatus } from '#shared/protocol/agent.ts'
import type { MessageFilter } from '#shared/protocol/message-filter.ts'
import type { AgentKey } from './gate.ts'

/** An agent's subscription of a topic. */
export type TopicSubscription = {
  agentId: string
  /** Messages that it gets; all of them when absent. */
  filter?: MessageFilter | undefined
  /** The declared agent whose own queue takes the work; the shared queue when absent. */
  worker?: string | undefined
}

/** A step of the lifecycle. */
export type StatusChange = {
  /** Statuses that it may begin in. */
  from: readonly AgentStatus[]
  /** The agent as it was looked at must be as it was; any when absent. */
  revision?: number | undefined
  to: AgentStatus
  /** Whether the gate lets executions begin afterwards. */
  open: boolean
  /** Where a passing status leads, and how; removed when absent. */
  desiredStatus?: Agent['desiredStatus']
  /** `cancel` lets no execution begin any more, or go on, that was made until now. */
  stopPolicy?: Agent['stopPolicy']
  reason?: Agent['statusReason']
  /** When the sweeper must look at the agent again, in milliseconds since the epoch; not at all when absent. */
  dueAt?: number | undefined
  /** RFC 3339. */
  at: string
}

/** Which agents a list is of; all that are given must hold. */
export type AgentFilter = Partial<Record<'domain' | 'agentType' | 'deploymentId', string | undefined>> & {
  status?: AgentStatus | undefined
  kind?: Agent['kind'] | undefined
  /** One of those that the agent has. */
  capability?: string | undefined
}

export type AgentPageRequest = {
  limit: number
  /** The `next` of the page before, of any filter: it names a place among the ids. */
  after?: string | undefined
  filter?: AgentFilter | undefined
}

export type CapabilityCount = {
  capability: string
  /** Agents that have it; {@link MAX_COUNTED} stands for that many or more. */
  agents: number
}

/** Most agents of one capability that are counted. */
export const MAX_COUNTED = 1_000

/** Agents of a tenant, their gates, and what they subscribe to. Reads are consistent unless said otherwise. */
export type AgentStore = {
  /**
   * Stores a new agent, its gate and its subscriptions, and counts it, in one transaction. `exists`: the id is taken; `full`: the tenant has
   * `maxAgents` agents; nothing was written then.
   */
  create(tenant: string, agent: Agent, maxAgents?: number): Promise<'created' | 'exists' | 'full'>
  get(tenant: string, agentId: string): Promise<Agent | undefined>
  /**
   * Agents by id. A call looks at a bounded number of agents, so with a filter a page may be short, or empty, though there is a `next`.
   * A cursor that no list gave throws ValidationError.
   */
  list(tenant: string, page: AgentPageRequest): Promise<{ agents: Agent[]; next?: string }>
  /** What the tenant's agents can do, by name. `after` is the last capability of the page before. */
  capabilitiesOf(tenant: string, page: { limit: number; after?: string | undefined }): Promise<CapabilityCount[]>
  /** The agents that subscribed to a topic, all of them. */
  subscribersOf(tenant: string, topic: string): Promise<TopicSubscription[]>
  /**
   * Replaces a definition, with the limits of the gate and what finds the agent by it, in one transaction, on condition that the revision is still
   * `agent.revision - 1`. Status and health stay as they are.
   */
  replace(tenant: string, agent: Agent): Promise<'replaced' | 'changed'>
  /**
   * Changes the status and opens or closes the gate in one transaction, on condition of the status before. The revision grows by one.
   * `refused`: the agent is in none of `from`, or no longer of that revision.
   */
  changeStatus(
    key: AgentKey,
    change: StatusChange,
  ): Promise<{ result: 'changed' | 'refused'; agent: Agent } | { result: 'missing' }>
  /** Removes agent, gate, subscriptions and its place in the count in one transaction, on condition that nothing is active or waits. */
  remove(key: AgentKey): Promise<'removed' | 'busy' | 'missing'>
  /** Stores the outcome of a health check; changes nothing else. */
  setHealth(key: AgentKey, health: { health: Agent['health']; detail: string; at: string }): Promise<void>
  /** Agents that the sweeper must look at, the longest overdue first: passing statuses, health checks, gates that were used. */
  listDue(now: number, limit: number): Promise<AgentKey[]>
  /**
   * Sets the next look of the sweeper, or none when `dueAt` is absent; milliseconds since the epoch. Nothing happens to an agent that is gone,
   * or that somebody made due after `seenAt`.
   */
  postpone(key: AgentKey, look: { seenAt: number; dueAt?: number | undefined }): Promise<void>
}
