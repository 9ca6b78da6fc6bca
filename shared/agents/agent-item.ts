import * as z from 'zod'
import { type Agent, agentSchema } from '#shared/protocol/agent.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { messageFilterSchema } from '#shared/protocol/message-filter.ts'
import { subscriptionsOf } from './agent-subscriptions.ts'
import type { AgentKey } from './gate.ts'

/** An agent and its subscriptions as items of the registry table, and back. */

export const tenantKey = (tenant: string): string => `T#${tenant}`
export const topicKey = (tenant: string, topic: string): string => `T#${tenant}#TOPIC#${topic}`
export const agentSortKey = (agentId: string): string => `AGENT#${agentId}`

export const agentKey = ({ tenant, agentId }: AgentKey): { pk: string; sk: string } => ({
  pk: tenantKey(tenant),
  sk: agentSortKey(agentId),
})

export const toAgentItem = (tenant: string, agent: Agent): Record<string, unknown> => ({
  ...agentKey({ tenant, agentId: agent.agentId }),
  ...agent,
})

export const fromAgentItem = (item: unknown): Agent => agentSchema.parse(item)

/** Items of an agent's subscriptions, by topic. */
export function subscriptionItems(tenant: string, agent: Agent): Map<string, Record<string, unknown>> {
  const sk = agentSortKey(agent.agentId)
  return new Map([...subscriptionsOf(agent)].map(([topic, rest]) => [topic, { pk: topicKey(tenant, topic), sk, ...rest }]))
}

export const subscriptionSchema = z.object({
  agentId: agentIdSchema,
  filter: messageFilterSchema.optional(),
  worker: agentIdSchema.optional(),
})

/** What belongs to the lifecycle, not to the definition: a replacement leaves it alone. */
const STATE = new Set([
  'agentId',
  'status',
  'statusReason',
  'desiredStatus',
  'stopPolicy',
  'health',
  'healthDetail',
  'healthCheckedAt',
  'createdAt',
])

/** Attributes that a replacement of `standing` by `agent` sets, and those that it removes. */
export function definitionChange(standing: Agent, agent: Agent): { set: Record<string, unknown>; remove: string[] } {
  const set = Object.fromEntries(Object.entries(agent).filter(([name, value]) => !STATE.has(name) && value !== undefined))
  const remove = Object.keys(standing).filter((name) => !STATE.has(name) && !Object.hasOwn(set, name))
  return { set, remove }
}
