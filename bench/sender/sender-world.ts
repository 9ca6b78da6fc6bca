import { sleep, systemClock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { callbackBudget } from '#shared/streams/callback-budget.ts'
import type { ChannelRef } from '#shared/streams/channel-ref.ts'
import type { ConnectionPoster } from '#shared/streams/connection-poster.ts'
import { memoryCallbackBudgetStore } from '#shared/streams/memory-callback-budget-store.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { sendShard } from '#shared/streams/send-shard.ts'

/** What a post takes within a region, in milliseconds. */
const POST_MS = 10
/** Time that a message takes through a queue to a function that is warm, in milliseconds. */
const QUEUE_MS = 30

/** A channel in memory with so many live viewers, and senders of its shards that get their tasks as a queue brings them. */
export async function senderWorld(ref: ChannelRef, viewers: number) {
  const log = memoryStreamLog()
  const subscriptions = memorySubscriptionStore(log)
  const appendedAt: number[] = []
  const delays: number[] = []
  const lastOf = new Map<string, number>()
  let posts = 0

  const poster: ConnectionPoster = {
    async post(connectionId, frame) {
      posts += 1
      await sleep(POST_MS)
      const sequences = [...frame.matchAll(/"sequence":(\d+)/g)].map(([, digits]) => Number(digits))
      // As the viewer feels it: by the oldest event in the frame.
      const [first = 0] = sequences
      delays.push(performance.now() - (appendedAt[first] ?? 0))
      lastOf.set(connectionId, sequences.at(-1) ?? -1)
      return { status: 'sent' }
    },
    async close(connectionId) {
      throw new Error(`the connection ${connectionId} was given up`)
    },
  }
  const dependencies = {
    log: {
      ...log,
      async append(...[channel, events]: Parameters<typeof log.append>) {
        for (const { sequence } of events) appendedAt[sequence] = performance.now()
        return log.append(channel, events)
      },
    },
    subscriptions,
    poster,
    callbackBudget: callbackBudget(memoryCallbackBudgetStore(), systemClock),
    clock: systemClock,
  }
  const sending = new Set<Promise<void>>()
  const connectionTasks = {
    async send(tasks: { task: string; shard?: number }[]): Promise<void> {
      for (const { shard } of tasks) {
        if (shard === undefined) continue
        const sent = sleep(QUEUE_MS)
          .then(() => sendShard({ ...dependencies, connectionTasks }, { ...ref, shard }))
          .finally(() => sending.delete(sent))
        sending.add(sent)
      }
    },
  }

  for (let viewer = 0; viewer < viewers; viewer++) {
    const place = await subscriptions.placeFor(ref)
    const subscription = { connectionId: newId(), subscriptionId: newId(), until: Number.MAX_SAFE_INTEGER }
    await subscriptions.beginReplay(place, subscription)
    await subscriptions.goLive(place, subscription, -1)
  }
  return {
    dependencies: { ...dependencies, connectionTasks },
    delays,
    posts: () => posts,
    /** Waits until the shards have been served. */
    async settled(): Promise<void> {
      while (sending.size > 0) await Promise.all(sending)
    },
    /** How many viewers have everything up to here. */
    whole: (last: number): number => [...lastOf.values()].filter((sequence) => sequence === last).length,
  }
}
