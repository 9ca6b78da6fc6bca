import { timestamp } from '#shared/platform/clock.ts'
import { derivedId } from '#shared/platform/ids.ts'
import { topicChannel } from '#shared/protocol/channel.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import { MAX_EVENTS_PER_ENTRY, type UnnumberedEvent } from './stream-log.ts'
import { sendTopic, type TopicSenderDependencies } from './topic-sender.ts'

/** Largest batch, in bytes of JSON: an item of DynamoDB holds 400 KB, and a single message is at most half of it. */
const MAX_BATCH_BYTES = 300 * 1024

/** Shows messages on their topics' channels. */
export type TopicPublisher = {
  /** Resolves when the message has its number and a sender looks after it. Repeatable: a message has one number. */
  publish(tenant: string, envelope: Envelope & { topic: string }): Promise<void>
}

type Waiting = { event: UnnumberedEvent; bytes: number; done: PromiseWithResolvers<void> }

/**
 * Gives messages their numbers and sees that every live subscriber gets them. One for each container: messages of one topic that come
 * while others are being written leave together with the next write, so that a busy topic's writers seldom meet.
 */
export function topicPublisher(dependencies: TopicSenderDependencies): TopicPublisher {
  const channels = new Map<string, Waiting[]>()

  async function write(ref: ChannelRef, key: string, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) {
      const batch = takeBatch(waiting)
      try {
        await dependencies.log.appendNext(
          ref,
          batch.map(({ event }) => event),
        )
        await sendTopic(dependencies, ref)
        for (const { done } of batch) done.resolve()
      } catch (error) {
        for (const { done } of batch) done.reject(error)
      }
    }
    // In the same step as the look at what is waiting: a publisher that was just told begins anew.
    channels.delete(key)
  }

  return {
    publish(tenant, envelope) {
      const ref = { tenant, channel: topicChannel(envelope.topic) }
      const key = JSON.stringify([tenant, envelope.topic])
      const time = timestamp(dependencies.clock)
      const event = {
        id: derivedId('topic-event', envelope.source, envelope.id),
        numbered: (sequence: number): StreamEvent => ({ type: 'message', sequence, time, data: envelope }),
      }
      const bytes = Buffer.byteLength(JSON.stringify(envelope))
      const done = Promise.withResolvers<void>()
      const waiting = channels.get(key)
      if (waiting) waiting.push({ event, bytes, done })
      else {
        const first = [{ event, bytes, done }]
        channels.set(key, first)
        void write(ref, key, first)
      }
      return done.promise
    },
  }
}

/** Takes the first messages that fit one entry of the log, one at least. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  let bytes = 0
  const end = waiting.findIndex((message, index) => {
    bytes += message.bytes
    return index === MAX_EVENTS_PER_ENTRY || (index > 0 && bytes > MAX_BATCH_BYTES)
  })
  return waiting.splice(0, end === -1 ? waiting.length : end)
}
