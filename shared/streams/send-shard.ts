import { type LogSenderDependencies, sendFromLog } from './log-sender.ts'
import { MoreToSendError } from './more-to-send-error.ts'
import type { ViewersRef } from './subscription-store.ts'

/** Tasks that follow a failure soon. The queue itself brings a task back after minutes, which is long for those who watch. */
const MAX_TRIES = 3
const PAUSE_SECONDS = 1

export type ShardTask = ViewersRef & { shard: number; tries?: number | undefined }

/**
 * Posts to one shard of a channel's viewers what the log holds behind its sender. Repeatable, and any number of times at once: one at a
 * time posts. When its time is up, or it fails, it sends a task for the rest; a shard that nobody is left in is given up.
 */
export async function sendShard(
  dependencies: LogSenderDependencies,
  { tenant, channel, shard, tries = 1 }: ShardTask,
): Promise<void> {
  const { connectionTasks, subscriptions } = dependencies
  const ref = { tenant, channel, shard }
  try {
    const live = await sendFromLog(dependencies, ref)
    if (live === 0) await subscriptions.dropShard(ref)
  } catch (error) {
    if (error instanceof MoreToSendError) return connectionTasks.send([{ task: 'send', ...ref }])
    // Best effort: this task comes again in any case.
    const another = { task: 'send', ...ref, tries: tries + 1 } as const
    if (tries < MAX_TRIES) await connectionTasks.send([another], PAUSE_SECONDS).catch(() => undefined)
    throw error
  }
}
