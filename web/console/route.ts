export type Route =
  | { page: 'agents' }
  | { page: 'chat'; agentId: string }
  | { page: 'topics' }
  | { page: 'topic'; topic: string }
  | { page: 'dead-letters' }

/** Reads the fragment of the address: `#/agents`, `#/agents/<id>`, `#/topics`, `#/topics/<name>`, `#/dead-letters`. Anything else is the list of agents. */
export function parseRoute(hash: string): Route {
  const [, section, name] = hash.replace(/^#/, '').split('/').map(decode)
  if (section === 'topics') return name ? { page: 'topic', topic: name } : { page: 'topics' }
  if (section === 'dead-letters') return { page: 'dead-letters' }
  return name ? { page: 'chat', agentId: name } : { page: 'agents' }
}

export const agentLink = (agentId: string): string => `#/agents/${encodeURIComponent(agentId)}`
export const topicLink = (topic: string): string => `#/topics/${encodeURIComponent(topic)}`

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
