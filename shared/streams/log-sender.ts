import type { Clock } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { newId } from '#shared/platform/ids.ts'
import type { ChannelRef } from './channel-ref.ts'
import { channelViewers } from './channel-viewers.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import type { StreamLog } from './stream-log.ts'
import type { SubscriptionStore } from './subscription-store.ts'

export type LogSenderDependencies = { log: StreamLog; subscriptions: SubscriptionStore; poster: ConnectionPoster; clock: Clock }

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
 * Posts what the log of a channel with many writers holds behind the sender before, if nobody else does.
 *
 * Many functions write to such a channel, but one at a time posts: whoever gets the *sender* role posts everything, and can only give the
 * role back when nothing stands in the log behind what it posted. A writer that finds the role taken can leave: the sender cannot end
 * well without seeing its event.
 *
 * @throws SluiceError `unavailable` when there was no end of it in time. The role is free again then, and the messages whose sender this
 *   was must come again, so that one of them takes it
 */
export async function sendFromLog(dependencies: LogSenderDependencies, ref: ChannelRef): Promise<void> {
  const { log, subscriptions, clock } = dependencies
  const owner = newId()
  const now = clock.now()
  const role = await subscriptions.takeSender(ref, owner, { now, until: now + LEASE_MS })
  if (role.result !== 'taken') return
  const start = role.posted ?? (await firstPosition(log, subscriptions, ref))
  const viewers = channelViewers(dependencies, ref)
  let handed = start
  try {
    while (clock.now() < now + SENDING_MS) {
      const events = await log.read(ref, handed, PAGE)
      const last = events.at(-1)
      if (last) {
        viewers.hand(await subscriptions.listLive(ref), events)
        handed = last.sequence
      }
      // Not yet: somebody is slow, and the others get meanwhile what is appended meanwhile.
      if (!(await viewers.haveAll())) continue
      if ((await subscriptions.releaseSender(ref, owner, handed)) !== 'behind') return
    }
    await viewers.settled()
  } catch (error) {
    await viewers.settled().catch(() => undefined)
    await subscriptions.yieldSender(ref, owner, start).catch(() => undefined)
    throw error
  }
  await subscriptions.yieldSender(ref, owner, handed)
  throw new SluiceError('unavailable', `more is written to ${ref.channel} than one sender can post`)
}

/**
 * Where the very first sender of a channel begins: behind what every live subscriber already has. The end of the log is read first, so
 * that whoever goes live after the look at the subscribers has a cursor that is not smaller.
 */
async function firstPosition(log: StreamLog, subscriptions: SubscriptionStore, ref: ChannelRef): Promise<number> {
  const end = await log.lastSequence(ref)
  const viewers = await subscriptions.listLive(ref)
  return Math.min(end, ...viewers.map((viewer) => viewer.cursor))
}
