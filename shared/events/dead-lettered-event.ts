import type { LifecycleEvent } from '#shared/protocol/lifecycle-event.ts'
import type { LifecycleEventData } from '#shared/protocol/lifecycle-event-data.ts'
import { clip, fact } from './fact.ts'

type DeadLetter = { tenant: string; time: string } & LifecycleEventData<'message.dead_lettered'>

/** Tells that a message went to a dead-letter queue. No table knows of it, so whoever puts it there tells it. */
export function deadLetteredEvent({ tenant, time, ...data }: DeadLetter): LifecycleEvent {
  const { messageId, queue, error } = data
  const subject = { tenant, source: `/messages/${encodeURIComponent(messageId)}`, time, step: [queue] }
  return fact('message.dead_lettered', subject, { ...data, error: { ...error, detail: clip(error.detail) } })
}
