import type { Agent } from '#shared/protocol/agent.ts'
import { mayUse } from './agent-access.ts'
import type { TopicSubscription } from './agent-store.ts'
import { workerOf } from './worker-of.ts'

/** What an agent's definition subscribes to, by topic; nothing when its policy lets no topic begin an execution. */
export function subscriptionsOf(agent: Agent): Map<string, TopicSubscription> {
  const { agentId, topics, filters = {} } = agent
  if (!mayUse(agent.access, { trigger: 'topic' })) return new Map()
  const worker = workerOf(agent)
  return new Map(
    topics.map((topic) => {
      const filter = Object.hasOwn(filters, topic) ? filters[topic] : undefined
      return [topic, { agentId, ...(filter && { filter }), ...(worker !== undefined && { worker }) }]
    }),
  )
}
