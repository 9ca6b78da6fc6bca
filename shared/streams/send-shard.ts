import { type LogSenderDependencies, sendFromLog } from './log-sender.ts'
import { MoreToSendError } from './more-to-send-error.ts'
import type { ViewersRef } from './subscription-store.ts'

/**
 * Posts to one shard of a channel's viewers what the log holds behind its sender. Repeatable, and any number of times at once: one at a
 * time posts. When its time is up it sends a task for the rest; a shard that nobody is left in is given up.
 */
export async function sendShard(dependencies: LogSenderDependencies, ref: ViewersRef & { shard: number }): Promise<void> {
  const { tenant, channel, shard } = ref
  try {
    const live = await sendFromLog(dependencies, ref)
    if (live === 0) await dependencies.subscriptions.dropShard(ref)
  } catch (error) {
    if (!(error instanceof MoreToSendError)) throw error
    await dependencies.connectionTasks.send([{ task: 'send', tenant, channel, shard }])
  }
}
