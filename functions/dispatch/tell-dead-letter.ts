import { deadLetteredEvent } from '#shared/events/dead-lettered-event.ts'
import { type TellFactDependencies, tellFact } from '#shared/events/tell-fact.ts'
import type { Message } from '#shared/messaging/message.ts'
import { timestamp } from '#shared/platform/clock.ts'
import type { SluiceError } from '#shared/platform/errors.ts'

/** Tells that a message went to a dead-letter queue. */
export async function tellDeadLetter(
  dependencies: TellFactDependencies & { queue: string },
  { tenant, envelope }: Message,
  { code, message: detail }: SluiceError,
): Promise<void> {
  const { clock, queue } = dependencies
  const { id: messageId, topic, to: agentId } = envelope
  const event = deadLetteredEvent({
    ...{ tenant, time: timestamp(clock), messageId, queue, error: { code, detail } },
    ...(topic !== undefined && { topic }),
    ...(agentId !== undefined && { agentId }),
  })
  await tellFact(dependencies, { tenant, event })
}
