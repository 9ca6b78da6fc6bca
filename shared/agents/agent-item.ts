import * as z from 'zod'
import { fromJsonAttribute } from '#shared/platform/json-attribute.ts'
import { type Agent, agentSchema } from '#shared/protocol/agent.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { messageFilterSchema } from '#shared/protocol/message-filter.ts'
import { subscriptionsOf } from './agent-subscriptions.ts'
import type { AgentKey } from './gate.ts'

/** An agent and what finds it as items of the registry table, and back. */

export const tenantKey = (tenant: string): string => `T#${tenant}`
export const topicKey = (tenant: string, topic: string): string => `T#${tenant}#TOPIC#${topic}`
export const agentSortKey = (agentId: string): string => `AGENT#${agentId}`

export const agentKey = ({ tenant, agentId }: AgentKey): { pk: string; sk: string } => ({
  pk: tenantKey(tenant),
  sk: agentSortKey(agentId),
})

/** Stored as text, for {@link fromJsonAttribute}: whoever writes a definition chooses their names and numbers. */
const TEXTS = ['config', 'components', 'filters', 'llm', 'output', 'retry', 'tools'] as const

export const toAgentItem = (tenant: string, agent: Agent): Record<string, unknown> => ({
  ...agentKey({ tenant, agentId: agent.agentId }),
  ...toAttributes(agent),
})

export function fromAgentItem(item: Record<string, unknown>): Agent {
  const read = TEXTS.flatMap((name) => (item[name] === undefined ? [] : [[name, fromJsonAttribute(item[name])]]))
  return agentSchema.parse({ ...item, ...Object.fromEntries(read) })
}

function toAttributes(agent: Record<string, unknown>): Record<string, unknown> {
  const written = TEXTS.flatMap((name) => (agent[name] === undefined ? [] : [[name, JSON.stringify(agent[name])]]))
  return { ...agent, ...Object.fromEntries(written) }
}

/** Key of the domain's entries in the index. */
export const domainKey = (tenant: string, domain: string): string => `T#${tenant}#DOMAIN#${domain}`
/** Key of all capabilities' entries: in one partition, so that they can be told without reading every agent's. */
export const capabilitiesKey = (tenant: string): string => `T#${tenant}#CAPABILITIES`
/** Sort key of an agent's entry under a capability. `#` comes before every sign of a name, so capabilities are sorted as their names are. */
export const capabilitySortKey = (capability: string, agentId: string): string => `${capability}#${agentId}`
/** The tenant's count of agents. */
export const agentCountKey = (tenant: string): { pk: string; sk: string } => ({ pk: `T#${tenant}#AGENTS`, sk: 'COUNT' })

/**
 * What finds an agent by its definition, as items: its subscriptions, its domain, its capabilities.
 *
 * @returns by a name that two definitions have in common when they have the entry in common
 */
export function indexItems(tenant: string, agent: Agent): Map<string, { pk: string; sk: string }> {
  const { agentId, domain, capabilities = [] } = agent
  const sk = agentSortKey(agentId)
  const items = [
    ...[...subscriptionsOf(agent)].map(([topic, { filter, ...rest }]) => ({
      ...{ pk: topicKey(tenant, topic), sk, ...rest },
      ...(filter && { filter: JSON.stringify(filter) }),
    })),
    ...(domain === undefined ? [] : [{ pk: domainKey(tenant, domain), sk }]),
    ...capabilities.map((capability) => ({ pk: capabilitiesKey(tenant), sk: capabilitySortKey(capability, agentId) })),
  ]
  return new Map(items.map((item) => [JSON.stringify([item.pk, item.sk]), item]))
}

export const subscriptionSchema = z.object({
  agentId: agentIdSchema,
  filter: z.preprocess(fromJsonAttribute, messageFilterSchema.optional()),
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
  const set = Object.fromEntries(
    Object.entries(toAttributes(agent)).filter(([name, value]) => !STATE.has(name) && value !== undefined),
  )
  const remove = Object.keys(standing).filter((name) => !STATE.has(name) && !Object.hasOwn(set, name))
  return { set, remove }
}
