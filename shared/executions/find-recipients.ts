import pLimit from 'p-limit'
import { mayReceive } from '#shared/agents/agent-access.ts'
import type { AgentStore, TopicSubscription } from '#shared/agents/agent-store.ts'
import { workerOf } from '#shared/agents/worker-of.ts'
import type { ArtifactStore } from '#shared/messaging/artifact-store.ts'
import type { Message } from '#shared/messaging/message.ts'
import { loadData } from '#shared/messaging/message-data.ts'
import { matchesFilter, readsData } from '#shared/messaging/message-filter.ts'
import type { TopicSchemas } from '#shared/messaging/topic-schemas.ts'
import { NotFoundError, SluiceError, ValidationError } from '#shared/platform/errors.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'

export type RecipientDependencies = { agents: AgentStore; topicSchemas: TopicSchemas; artifacts: ArtifactStore }

/** Time for the filters of one message, in milliseconds: a function has ten messages at once, and not all of them are the same tenant's. */
const FILTERS_MS = 1_000

/** Large data is looked into by one message of a container at a time: parsed, it takes many times its size. */
const withLargeData = pLimit(1)

/** Who gets a message. */
export type Recipient = Pick<TopicSubscription, 'agentId' | 'worker'>

/**
 * Whom a message is for: the agent that it names, or those of its topic whose filter lets it pass.
 *
 * @throws ValidationError when it names neither, its data does not fit the schema of the topic, or filters take too long with it; NotFoundError
 *   for an unknown agent; SluiceError `forbidden` by the policy of the agent
 */
export async function findRecipients(dependencies: RecipientDependencies, message: Message): Promise<Recipient[]> {
  const { tenant, envelope } = message
  if (envelope.to !== undefined) {
    const agent = await dependencies.agents.get(tenant, envelope.to)
    if (!agent) throw new NotFoundError('agent', envelope.to)
    if (!mayReceive(agent.access, envelope))
      throw new SluiceError('forbidden', `the policy of the agent "${envelope.to}" does not let "${envelope.source}" send to it`)
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
  const readers = subscriptions.filter(({ filter }) => filter !== undefined && readsData(filter))
  // Data that did not travel is fetched only where somebody looks into it.
  if (check === undefined && readers.length === 0) return passing(subscriptions, envelope)
  const look = async (): Promise<Recipient[]> => {
    const whole = { ...envelope, data: await loadData(artifacts, message) }
    check?.(whole.data)
    return readers.length === 0 ? passing(subscriptions, whole) : passingInTime(subscriptions, whole)
  }
  return envelope.dataref === undefined ? look() : withLargeData(look)
}

const passing = (subscriptions: TopicSubscription[], envelope: Envelope): Recipient[] =>
  subscriptions.filter(({ filter }) => filter === undefined || matchesFilter(filter, envelope))

/** Whoever writes filters and data decides how long this takes, and nothing else runs meanwhile. */
async function passingInTime(subscriptions: TopicSubscription[], envelope: Envelope): Promise<Recipient[]> {
  const { isTimeUp, runWithin } = await import('#shared/platform/run-within.ts')
  try {
    return runWithin(FILTERS_MS, () => passing(subscriptions, envelope))
  } catch (error) {
    if (!isTimeUp(error)) throw error
    throw new ValidationError(`the filters of the topic take longer than ${FILTERS_MS} ms with this message`)
  }
}
