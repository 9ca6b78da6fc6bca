import type { FactEvent } from '../client/index.ts'

/** What events are about: how their types begin. */
export const EVENT_KINDS = ['agent.', 'execution.', 'message.', 'connection.'] as const
export type EventKind = (typeof EVENT_KINDS)[number]

/** Which lifecycle events a page shows. */
export interface EventFilter {
  kind?: EventKind
  agentId?: string
}

export function isShown({ data: { type, data } }: FactEvent, { kind, agentId }: EventFilter): boolean {
  return (kind === undefined || type.startsWith(kind)) && (agentId === undefined || data.agentId === agentId)
}

/** Reads a filter from the query of an address, `type=execution.&agent=assistant`; what it does not know does not count. */
export function parseFilter(query: string): EventFilter {
  const parameters = new URLSearchParams(query)
  const kind = EVENT_KINDS.find((known) => known === parameters.get('type'))
  const agentId = parameters.get('agent')
  return { ...(kind && { kind }), ...(agentId && { agentId }) }
}

/** The query that {@link parseFilter} reads; empty without a filter. */
export function formatFilter({ kind, agentId }: EventFilter): string {
  return new URLSearchParams({ ...(kind && { type: kind }), ...(agentId && { agent: agentId }) }).toString()
}
