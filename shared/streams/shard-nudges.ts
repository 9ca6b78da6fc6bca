import type { ChannelRef } from './channel-ref.ts'
import type { ConnectionTaskQueue } from './connection-task-queue.ts'

/**
 * Tells whoever serves the shards of a channel that the log has more. One round of tasks is on its way at a time; what is asked for
 * meanwhile leaves with the next one.
 */
export type ShardNudges = {
  /** Does not wait. A round that fails is owed, and goes with the next one; with none of its own, only what is owed does. */
  nudge(shards: number): void
  /** Resolves when the shards have been told of everything. Repeatable: throws when they cannot be told. */
  settled(): Promise<void>
}

export function shardNudges(queue: ConnectionTaskQueue, { tenant, channel }: ChannelRef): ShardNudges {
  let owed = 0
  let sending: Promise<void> | undefined

  async function sendOwed(): Promise<void> {
    while (owed > 0) {
      const shards = owed
      owed = 0
      try {
        await queue.send(Array.from({ length: shards }, (_, index) => ({ task: 'send', tenant, channel, shard: index + 1 })))
      } catch (error) {
        owed = Math.max(owed, shards)
        throw error
      }
    }
  }

  function settled(): Promise<void> {
    sending ??= sendOwed().finally(() => {
      sending = undefined
    })
    return sending
  }

  return {
    nudge(shards) {
      owed = Math.max(owed, shards)
      if (owed === 0) return
      settled().catch(() => undefined)
    },
    settled,
  }
}
