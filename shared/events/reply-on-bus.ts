import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { childMessage } from '#shared/messaging/child-message.ts'
import { isTooLarge } from '#shared/messaging/envelope-size.ts'
import type { Message } from '#shared/messaging/message.ts'
import type { MessageBus } from '#shared/messaging/message-bus.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import { derivedId } from '#shared/platform/ids.ts'
import type { Log } from '#shared/platform/log.ts'
import { envelopeSchema } from '#shared/protocol/envelope.ts'

/**
 * The answer to the message that an execution came from, on the topic that it named in `replyTo`. Its id follows from the execution. An output
 * that no message can carry is left out: `omitted` says so, and the execution itself has it.
 *
 * @returns undefined when nobody wants one
 * @throws SluiceError `depth_exceeded` at the end of a chain
 */
export function replyMessage(record: ExecutionRecord): Message | undefined {
  const { tenant, executionId, agentId, status, replyTo, endedAt, output, error } = record
  if (replyTo === undefined || endedAt === undefined) return undefined
  const outcome = { executionId, agent_id: agentId, status, ...(error && { error }), timestamp: endedAt }
  const replyWith = (data: Record<string, unknown>) => ({
    id: derivedId('reply', tenant, executionId),
    type: status === 'completed' ? 'response' : 'error',
    source: `/agents/${agentId}`,
    time: endedAt,
    topic: replyTo,
    correlationId: record.correlationId ?? record.messageId,
    priority: record.priority,
    data: { ...outcome, ...data },
  })
  const whole = envelopeSchema.safeParse(replyWith({ ...output }))
  const fits = whole.success && !isTooLarge(whole.data)
  const envelope = fits ? whole.data : envelopeSchema.parse(replyWith({ omitted: true }))
  return childMessage(record, envelope)
}

/** Sends the reply of an execution that has ended, if one is wanted and the chain is not too long. Repeatable: the reply has one id. */
export const replyOnBus =
  ({ bus, logger }: { bus: MessageBus; logger: Log }) =>
  async (record: ExecutionRecord): Promise<void> => {
    try {
      const message = replyMessage(record)
      if (message) await bus.publish(message)
    } catch (thrown) {
      const error = toSluiceError(thrown)
      if (error.code !== 'depth_exceeded') throw error
      logger.warn('reply_too_deep', { tenant: record.tenant, executionId: record.executionId, topic: record.replyTo })
    }
  }
