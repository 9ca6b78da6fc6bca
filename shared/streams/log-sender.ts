import { newId } from '#shared/platform/ids.ts'
import { type ChannelViewersDependencies, channelViewers } from './channel-viewers.ts'
import type { ConnectionTaskQueue } from './connection-task-queue.ts'
import { MoreToSendError } from './more-to-send-error.ts'
import { shardNudges } from './shard-nudges.ts'
import type { StreamLog } from './stream-log.ts'
import type { LiveSubscription, SubscriptionStore, ViewersRef } from './subscription-store.ts'

export type LogSenderDependencies = ChannelViewersDependencies & { connectionTasks: ConnectionTaskQueue }

/** How long one sender may keep the role, in milliseconds; after that another may take it, and clients drop what comes twice. */
const LEASE_MS = 30_000
/**
 * How long a sender goes on while there is more to post, in milliseconds. With the search for a number before it (6 s at the most), and
 * the last post to a slow viewer and its end (14 s), it ends within the timeout of `dispatch`, and so within its lease.
 */
const SENDING_MS = 8_000
/** Events of one read. The next is made when the quickest viewer has them. */
const PAGE = 50

/**
 * Posts what the log of a channel with many writers, or of any channel with shards, holds behind the sender before, if nobody else does.
 *
 * Many functions write to such a channel, but one at a time posts: whoever gets the *sender* role posts everything, and can only give the
 * role back when nothing stands in the log behind what it posted. A writer that finds the role taken can leave: the sender cannot end
 * well without seeing its event. For each shard this holds by itself; whoever posts to the others tells those who post to a shard.
 *
 * @returns how many were live at the last look; undefined where nobody had to look
 * @throws MoreToSendError when there was no end of it in time. The role is free again then, and the messages whose sender this was must
 *   come again, so that one of them takes it
 */
export async function sendFromLog(dependencies: LogSenderDependencies, ref: ViewersRef): Promise<number | undefined> {
  const { log, subscriptions, clock } = dependencies
  const owner = newId()
  const now = clock.now()
  const role = await subscriptions.takeSender(ref, owner, { now, until: now + LEASE_MS })
  if (role.result !== 'taken') return undefined
  const start = role.posted ?? -1
  const viewers = channelViewers(dependencies, ref)
  const nudges = shardNudges(dependencies.connectionTasks, ref)
  let live: LiveSubscription[] | undefined
  let handed = start
  try {
    while (clock.now() < now + SENDING_MS) {
      const events = await log.read(ref, handed, PAGE)
      const last = events.at(-1)
      const isFull = events.length === PAGE
      if (last && ref.shard === undefined) nudges.nudge((await subscriptions.head(ref)).shards)
      // Nobody needs what was said before all of them came: this is the first sender, or the first one after a time without viewers.
      if (isFull && live === undefined) {
        const replayed = await replayedThrough(log, subscriptions, ref)
        if (replayed > handed) {
          handed = replayed
          continue
        }
      }
      if (last) {
        live = await subscriptions.listLive(ref, true)
        viewers.hand(live, events)
        handed = last.sequence
      }
      // Not yet: somebody is slow, and the others get meanwhile what is appended meanwhile. Nor behind a full page: it may end within an
      // entry, and the condition on the role's end sees whole entries only.
      if (!(await viewers.haveAll()) || isFull) continue
      await nudges.settled()
      if ((await subscriptions.releaseSender(ref, owner, handed)) !== 'behind') return live?.length
    }
    await viewers.settled()
    await nudges.settled()
  } catch (error) {
    await viewers.settled().catch(() => undefined)
    await subscriptions.yieldSender(ref, owner, start).catch(() => undefined)
    throw error
  }
  await subscriptions.yieldSender(ref, owner, handed)
  throw new MoreToSendError(ref.channel)
}

/**
 * Behind what every live subscriber has from its own replay. The end of the log is read first, so that whoever goes live after the look at the subscribers has a cursor that is not smaller.
 */
async function replayedThrough(log: StreamLog, subscriptions: SubscriptionStore, ref: ViewersRef): Promise<number> {
  const end = await log.lastSequence(ref)
  const viewers = await subscriptions.listLive(ref)
  return Math.min(end, ...viewers.map((viewer) => viewer.cursor))
}
