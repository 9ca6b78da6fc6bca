import * as z from 'zod'
import { fromJsonAttribute } from '#shared/platform/json-attribute.ts'
import { type Agent, agentSchema } from '#shared/protocol/agent.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { messageFilterSchema } from '#shared/protocol/message-filter.ts'
import type { AgentKey } from './gate.ts'

/** Keys of an agent and of what finds it in the registry table, and how items are read. How they are written stands in `agent-writes.ts`. */

export const tenantKey = (tenant: string): string => `T#${tenant}`
export const topicKey = (tenant: string, topic: string): string => `T#${tenant}#TOPIC#${topic}`
export const agentSortKey = (agentId: string): string => `AGENT#${agentId}`

export const agentKey = ({ tenant, agentId }: AgentKey): { pk: string; sk: string } => ({
  pk: tenantKey(tenant),
  sk: agentSortKey(agentId),
})

/** Stored as text, for {@link fromJsonAttribute}: whoever writes a definition chooses their names and numbers. */
export const AGENT_TEXTS = ['config', 'components', 'filters', 'llm', 'output', 'retry', 'tools'] as const

export function fromAgentItem(item: Record<string, unknown>): Agent {
  const read = AGENT_TEXTS.flatMap((name) => (item[name] === undefined ? [] : [[name, fromJsonAttribute(item[name])]]))
  return agentSchema.parse({ ...item, ...Object.fromEntries(read) })
}

/** Key of the domain's entries in the index. */
export const domainKey = (tenant: string, domain: string): string => `T#${tenant}#DOMAIN#${domain}`
/** Key of all capabilities' entries: in one partition, so that they can be told without reading every agent's. */
export const capabilitiesKey = (tenant: string): string => `T#${tenant}#CAPABILITIES`
/** Sort key of an agent's entry under a capability. `#` comes before every sign of a name, so capabilities are sorted as their names are. */
export const capabilitySortKey = (capability: string, agentId: string): string => `${capability}#${agentId}`
/** The tenant's count of agents. */
export const agentCountKey = (tenant: string): { pk: string; sk: string } => ({ pk: `T#${tenant}#AGENTS`, sk: 'COUNT' })

export const subscriptionSchema = z.object({
  agentId: agentIdSchema,
  filter: z.preprocess(fromJsonAttribute, messageFilterSchema.optional()),
  worker: agentIdSchema.optional(),
})
