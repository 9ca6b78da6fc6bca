import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { childMessage } from '#shared/messaging/child-message.ts'
import type { MessageBus } from '#shared/messaging/message-bus.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { parse } from '#shared/platform/parse.ts'
import { type Envelope, envelopeSchema } from '#shared/protocol/envelope.ts'
import type { AgentContext, SendOptions } from './agent-context.ts'
import { type Effects, sentMessageId } from './effects.ts'

export type AgentMessagesDependencies = { bus: MessageBus; clock: Clock }

/** Whom a message goes to. */
type Address = Pick<Envelope, 'topic' | 'to'>

/** The messages that an execution sends: in the name of its agent, as children of the execution, each of them once. */
export function agentMessages(
  { bus, clock }: AgentMessagesDependencies,
  record: ExecutionRecord,
  effects: Effects,
): Pick<AgentContext, 'publish' | 'send' | 'reply'> {
  const { tenant, executionId, agentId } = record

  const send = (address: Address, data: unknown, options: SendOptions = {}): Promise<string> =>
    effects.begin(async (place) => {
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
      const envelope = childMessage(record, parse(envelopeSchema, message, 'message'))
      await bus.publish({ tenant, envelope })
      return envelope.id
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
