import { requireUse } from '#shared/agents/agent-access.ts'
import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { childMessage } from '#shared/messaging/child-message.ts'
import type { MessageBus } from '#shared/messaging/message-bus.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { parse } from '#shared/platform/parse.ts'
import { type Envelope, envelopeSchema } from '#shared/protocol/envelope.ts'
import type { AgentContext, SendOptions } from './agent-context.ts'
import { type Effects, sentMessageId } from './effects.ts'

export type AgentMessagesDependencies = { agents: AgentStore; bus: MessageBus; clock: Clock }

/** Whom a message goes to. */
type Address = Pick<Envelope, 'topic' | 'to'>

/**
 * The messages that an execution sends: in the name of its agent, as children of the execution, each of them once. A message to an agent whose
 * policy refuses this one fails with `forbidden` here; who reads it at its arrival asks again.
 */
export function agentMessages(
  { agents, bus, clock }: AgentMessagesDependencies,
  record: ExecutionRecord,
  effects: Effects,
): Pick<AgentContext, 'publish' | 'send' | 'reply'> {
  const { tenant, executionId, agentId } = record

  async function requireWelcome(to: string): Promise<void> {
    const recipient = await agents.get(tenant, to)
    if (recipient) requireUse(recipient, { trigger: 'agent', agentId })
  }

  const send = (address: Address, data: unknown, options: SendOptions = {}): Promise<string> =>
    effects.begin(async (place) => {
      if (address.to !== undefined) await requireWelcome(address.to)
      const { type = 'message', subject, correlationId, replyTo, conversationId, priority, ttlSeconds, dataschema } = options
      const message = {
        ...{ type, subject, correlationId, replyTo, conversationId, priority, ttlSeconds, dataschema },
        ...address,
        specversion: '1.0',
        id: sentMessageId(executionId, place),
        source: `/agents/${agentId}`,
        time: timestamp(clock),
        data,
      }
      await bus.publish(childMessage(record, parse(envelopeSchema, message, 'message')))
      return message.id
    })

  return {
    publish: (topic, data, options) => send({ topic }, data, options),
    send: (to, data, options) => send({ to }, data, options),
    reply(data, options) {
      if (record.replyTo === undefined) return Promise.resolve(undefined)
      const correlationId = record.correlationId ?? record.messageId
      return send({ topic: record.replyTo }, data, { type: 'reply', correlationId, ...options })
    },
  }
}
