import * as z from 'zod'
import { dueShard } from '#shared/platform/dynamo-due-index.ts'
import type { AgentKey, Gate } from './gate.ts'

/**
 * The gate of an agent as an item of the registry table. `active` is a string set; it is absent while it is empty, since DynamoDB has no
 * empty sets. What the sweeper must look at stands in it too: `dueShard`, `dueAt`.
 */

const gateSchema = z.object({
  open: z.boolean(),
  limit: z.number(),
  queueLimit: z.number(),
  waiting: z.number(),
  active: z.set(z.string()).optional(),
  cancelledThrough: z.number().optional(),
})

export const gateKey = ({ tenant, agentId }: AgentKey): { pk: string; sk: string } => ({
  pk: `T#${tenant}#AGENT#${agentId}`,
  sk: 'GATE',
})

/** Attributes of a gate without its key. */
export const gateItem = ({ active, ...gate }: Gate): Record<string, unknown> => ({
  ...gate,
  ...(active.length > 0 && { active: new Set(active) }),
})

/** @returns undefined for what is no gate: no item, or a rest of one */
export function toGate(item: Record<string, unknown> | undefined): Gate | undefined {
  if (item?.open === undefined) return undefined
  const { active = new Set(), ...gate } = gateSchema.parse(item)
  return { ...gate, active: [...active].sort() }
}

/** Puts a gate into the sparse index `due`. @param dueAt - milliseconds since the epoch */
export const gateDue = (agent: AgentKey, dueAt: number): { dueShard: string; dueAt: number } => ({
  dueShard: dueShard(gateKey(agent).pk),
  dueAt,
})

/** Names of the conditions on a gate; both are reserved words of DynamoDB. */
export const GATE_NAMES = { '#open': 'open', '#limit': 'limit' } as const

/** Conditions on a gate. `:true` is `true`, `:false` is `false`, `:id` an execution's id, `:madeAt` when it was made, in milliseconds since the epoch. */
export const GATE_CONDITION = {
  stands: 'attribute_exists(#open)',
  hasFree: '#open = :true AND (attribute_not_exists(active) OR size(active) < #limit)',
  /** Closed, or full without a slot for this execution. */
  hasNoneFor: '#open = :false OR (size(active) >= #limit AND NOT contains(active, :id))',
  hasSlot: 'contains(active, :id)',
  mayBegin: '(attribute_not_exists(cancelledThrough) OR cancelledThrough < :madeAt)',
} as const
