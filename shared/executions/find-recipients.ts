import type { AgentStore, TopicSubscription } from '#shared/agents/agent-store.ts'
import { workerOf } from '#shared/agents/worker-of.ts'
import type { ArtifactStore } from '#shared/messaging/artifact-store.ts'
import type { Message } from '#shared/messaging/message.ts'
import { loadData } from '#shared/messaging/message-data.ts'
import { matchesFilter, readsData } from '#shared/messaging/message-filter.ts'
import type { TopicSchemas } from '#shared/messaging/topic-schemas.ts'
import { NotFoundError, ValidationError } from '#shared/platform/errors.ts'

export type RecipientDependencies = { agents: AgentStore; topicSchemas: TopicSchemas; artifacts: ArtifactStore }

/** Who gets a message. */
export type Recipient = Pick<TopicSubscription, 'agentId' | 'worker'>

/**
 * Whom a message is for: the agent that it names, or those of its topic whose filter lets it pass.
 *
 * @throws ValidationError when it names neither, or its data does not fit the schema of the topic; NotFoundError for an unknown agent
 */
export async function findRecipients(dependencies: RecipientDependencies, message: Message): Promise<Recipient[]> {
  const { tenant, envelope } = message
  if (envelope.to !== undefined) {
    const agent = await dependencies.agents.get(tenant, envelope.to)
    if (!agent) throw new NotFoundError('agent', envelope.to)
    return [{ agentId: agent.agentId, worker: workerOf(agent) }]
  }
  if (envelope.topic === undefined) throw new ValidationError('the message names neither a topic nor an agent ("to")')
  return findSubscribers(dependencies, message, envelope.topic)
}

async function findSubscribers(
  { agents, topicSchemas, artifacts }: RecipientDependencies,
  message: Message,
  topic: string,
): Promise<Recipient[]> {
  const { tenant, envelope } = message
  const [subscriptions, check] = await Promise.all([agents.subscribersOf(tenant, topic), topicSchemas.find(tenant, topic)])
  // Data that did not travel is fetched only where somebody looks into it.
  const isRead = check !== undefined || subscriptions.some(({ filter }) => filter !== undefined && readsData(filter))
  const data = isRead ? await loadData(artifacts, message) : envelope.data
  check?.(data)
  return subscriptions.filter(({ filter }) => filter === undefined || matchesFilter(filter, { ...envelope, data }))
}
