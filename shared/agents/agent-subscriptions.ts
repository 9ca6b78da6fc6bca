import type { Agent } from '#shared/protocol/agent.ts'
import type { TopicSubscription } from './agent-store.ts'
import { workerOf } from './worker-of.ts'

/** What an agent's definition subscribes to, by topic. */
export function subscriptionsOf(agent: Agent): Map<string, TopicSubscription> {
  const { agentId, topics, filters = {} } = agent
  const worker = workerOf(agent)
  return new Map(
    topics.map((topic) => {
      const filter = Object.hasOwn(filters, topic) ? filters[topic] : undefined
      return [topic, { agentId, ...(filter && { filter }), ...(worker !== undefined && { worker }) }]
    }),
  )
}
