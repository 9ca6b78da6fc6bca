import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { Message } from '#shared/messaging/message.ts'
import { NotFoundError, ValidationError } from '#shared/platform/errors.ts'
import { derivedId } from '#shared/platform/ids.ts'
import type { TopicPublisher } from '#shared/streams/topic-publisher.ts'
import { type StartDependencies, startExecution } from './start-execution.ts'

export type DispatchDependencies = StartDependencies & { agents: AgentStore; topics: TopicPublisher }

/**
 * Makes one execution for each agent that a message is for, and shows the message on its topic's channel. Every step is repeatable:
 * an execution's id is derived from message and agent, so a message that is delivered twice runs once.
 *
 * @returns ids of the executions
 * @throws ValidationError when the message names neither a topic nor an agent, NotFoundError for an unknown agent; both are
 *   permanent
 */
export async function dispatchMessage(dependencies: DispatchDependencies, message: Message): Promise<string[]> {
  const { tenant, envelope } = message
  const executionIds: string[] = []
  for (const agentId of await recipients(dependencies.agents, message)) {
    const executionId = derivedId('message', tenant, envelope.id, agentId)
    await startExecution(dependencies, {
      tenant,
      executionId,
      agentId,
      input: envelope.data,
      messageId: envelope.id,
      topic: envelope.topic,
    })
    executionIds.push(executionId)
  }
  if (envelope.topic !== undefined) await dependencies.topics.publish(tenant, { ...envelope, topic: envelope.topic })
  return executionIds
}

async function recipients(agents: AgentStore, { tenant, envelope }: Message): Promise<string[]> {
  if (envelope.to !== undefined) {
    if (!(await agents.get(tenant, envelope.to))) throw new NotFoundError('agent', envelope.to)
    return [envelope.to]
  }
  if (envelope.topic === undefined) throw new ValidationError('the message names neither a topic nor an agent ("to")')
  return agents.subscribersOf(tenant, envelope.topic)
}
