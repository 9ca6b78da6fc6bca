import { type EventFilter, formatFilter, parseFilter } from './event-filter.ts'

export type Route =
  | { page: 'agents' }
  | { page: 'chat'; agentId: string }
  | { page: 'topics' }
  | { page: 'topic'; topic: string }
  | { page: 'events'; filter: EventFilter }
  | { page: 'dead-letters' }
  | { page: 'playground'; agentId: string | undefined }
  | { page: 'approvals' }
  | { page: 'models' }
  | { page: 'audit' }
  | { page: 'keys' }
  | { page: 'api'; operationId: string | undefined }

/** Pages of which there is one. */
const PLAIN: readonly (string | undefined)[] = ['approvals', 'models', 'dead-letters', 'audit', 'keys']

/**
 * Reads the fragment of the address: `#/agents`, `#/agents/<id>`, `#/topics`, `#/topics/<name>`, `#/events?type=<kind>&agent=<id>`,
 * `#/playground/<agent>`, `#/approvals`, `#/models`, `#/dead-letters`, `#/audit`, `#/keys`, `#/api/<operation>`. Anything else is the list of agents.
 */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?')
  const [, section, name] = path.split('/').map(decode)
  if (section === 'topics') return name ? { page: 'topic', topic: name } : { page: 'topics' }
  if (section === 'events') return { page: 'events', filter: parseFilter(query) }
  if (PLAIN.includes(section)) return { page: section } as Route
  if (section === 'playground') return { page: 'playground', agentId: name }
  if (section === 'api') return { page: 'api', operationId: name }
  return name ? { page: 'chat', agentId: name } : { page: 'agents' }
}

export const agentLink = (agentId: string): string => `#/agents/${encodeURIComponent(agentId)}`
export const playgroundLink = (agentId: string): string => `#/playground/${encodeURIComponent(agentId)}`
export const topicLink = (topic: string): string => `#/topics/${encodeURIComponent(topic)}`

export const apiLink = (operationId: string | undefined): string =>
  operationId === undefined ? '#/api' : `#/api/${encodeURIComponent(operationId)}`

export function eventsLink(filter: EventFilter): string {
  const query = formatFilter(filter)
  return query === '' ? '#/events' : `#/events?${query}`
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
