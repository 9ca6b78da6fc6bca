import type { ChannelRef } from './channel-ref.ts'
import { type LogSenderDependencies, sendFromLog } from './log-sender.ts'
import { MAX_EVENTS_PER_ENTRY, type UnnumberedEvent } from './stream-log.ts'

/** Largest batch, in bytes of JSON: an item of DynamoDB holds 400 KB, and a single message is at most half of it. */
const MAX_BATCH_BYTES = 300 * 1024

/** Shows events on channels with many writers. */
export type ChannelPublisher = {
  /**
   * Resolves when the events have their numbers and a sender looks after them. Repeatable: an event has one number. When a write fails,
   * everything that waits behind it fails as well, so that the events of one caller never change places.
   */
  publish(ref: ChannelRef, events: readonly UnnumberedEvent[]): Promise<void>
}

type Waiting = { event: UnnumberedEvent; bytes: number; done: PromiseWithResolvers<void> }

/**
 * Gives events their numbers and sees that every live subscriber gets them. One for each container: events of one channel that come
 * while others are being written leave together with the next write, so that a busy channel's writers seldom meet.
 */
export function channelPublisher(dependencies: LogSenderDependencies): ChannelPublisher {
  const channels = new Map<string, Waiting[]>()

  async function write(ref: ChannelRef, key: string, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) {
      const batch = takeBatch(waiting)
      try {
        await dependencies.log.appendNext(
          ref,
          batch.map(({ event }) => event),
        )
        await sendFromLog(dependencies, ref)
        for (const { done } of batch) done.resolve()
      } catch (error) {
        for (const { done } of [...batch, ...waiting.splice(0)]) done.reject(error)
      }
    }
    // In the same step as the look at what is waiting: a publisher that was just told begins anew.
    channels.delete(key)
  }

  return {
    async publish(ref, events) {
      const key = JSON.stringify([ref.tenant, ref.channel])
      const added = events.map((event) => ({
        event,
        bytes: Buffer.byteLength(JSON.stringify(event.numbered(0))),
        done: Promise.withResolvers<void>(),
      }))
      const waiting = channels.get(key)
      if (waiting) waiting.push(...added)
      else {
        const first = [...added]
        channels.set(key, first)
        void write(ref, key, first)
      }
      await Promise.all(added.map(({ done }) => done.promise))
    },
  }
}

/** Takes the first events that fit one entry of the log, one at least. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  let bytes = 0
  const end = waiting.findIndex((event, index) => {
    bytes += event.bytes
    return index === MAX_EVENTS_PER_ENTRY || (index > 0 && bytes > MAX_BATCH_BYTES)
  })
  return waiting.splice(0, end === -1 ? waiting.length : end)
}
