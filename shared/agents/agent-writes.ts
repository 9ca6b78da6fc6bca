import type { Agent } from '#shared/protocol/agent.ts'
import { AGENT_TEXTS, agentKey, agentSortKey, capabilitiesKey, capabilitySortKey, domainKey, topicKey } from './agent-item.ts'
import { subscriptionsOf } from './agent-subscriptions.ts'

/** An agent and what finds it, as items to be written. */

export const toAgentItem = (tenant: string, agent: Agent): Record<string, unknown> => ({
  ...agentKey({ tenant, agentId: agent.agentId }),
  ...toAttributes(agent),
})

function toAttributes(agent: Record<string, unknown>): Record<string, unknown> {
  const written = AGENT_TEXTS.flatMap((name) => (agent[name] === undefined ? [] : [[name, JSON.stringify(agent[name])]]))
  return { ...agent, ...Object.fromEntries(written) }
}

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
