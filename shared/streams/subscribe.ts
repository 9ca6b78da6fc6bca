import { parseChannel } from '#shared/protocol/channel.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { answerRequest } from './answer-request.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { ConnectionPoster, PostResult } from './connection-poster.ts'
import { encodeFrame, eventFrame } from './event-frames.ts'
import { postPatiently } from './post-patiently.ts'
import type { StreamLog } from './stream-log.ts'
import { StreamText } from './stream-text.ts'
import type { Subscription, SubscriptionStore } from './subscription-store.ts'

/** Events of one read while replaying. */
const REPLAY_PAGE = 200

export type SubscribeDependencies = { log: StreamLog; subscriptions: SubscriptionStore; poster: ConnectionPoster }

export type SubscribeRequest = {
  ref: ChannelRef
  subscription: Subscription
  /** Cursor of the client; when absent, an execution is sent from its start and a topic from now on. A topic may begin later. */
  after?: number | undefined
  /** Name of the frame that asked, for its answer. */
  responseTo?: string | undefined
  /** Aborts shortly before the invocation ends. */
  signal: AbortSignal
}

/**
 * `live`: replayed, and the writers post from here. `ended`: the terminal event was posted. `gone`: the socket is closed.
 * `replaced`: the connection subscribed again. `behind`: the signal aborted first; the client must subscribe again.
 */
export type SubscribeResult = 'live' | 'ended' | 'gone' | 'replaced' | 'behind'

/**
 * Subscribes a connection to a channel: confirms, replays the log from the cursor, and hands over to the writers.
 *
 * While it replays, nobody else posts to this subscription. The handover succeeds only when nothing stands in the log behind what was
 * posted, so each event has exactly one sender (docs/architecture.md, "Why streams are gap-free").
 */
export async function subscribe(dependencies: SubscribeDependencies, request: SubscribeRequest): Promise<SubscribeResult> {
  const { log, subscriptions, poster } = dependencies
  const { ref, subscription, signal } = request
  const after = await startOf(log, ref, request.after)
  await subscriptions.beginReplay(ref, subscription)
  const confirmed = await postPatiently(
    poster,
    subscription.connectionId,
    encodeFrame({
      message_type: 'subscription_confirmed',
      response_to: request.responseTo,
      payload: { channel: ref.channel, subscription: subscription.subscriptionId, after },
    }),
    { signal },
  )
  const result = confirmed.status === 'sent' ? await replay(dependencies, request, after) : undelivered(confirmed.status)
  // Its own subscription only: the connection may have subscribed again meanwhile.
  const { connectionId, subscriptionId } = subscription
  if (result !== 'live' && result !== 'replaced') await subscriptions.remove(ref, connectionId, subscriptionId)
  return result
}

/**
 * The cursor that a replay begins behind. The events of a topic expire while its numbers go on: a cursor from before moves up to the
 * first event that is kept, so that the client is told of the jump and finds no gap.
 */
async function startOf(log: StreamLog, ref: ChannelRef, after: number | undefined): Promise<number> {
  if (parseChannel(ref.channel).kind === 'execution') return after ?? -1
  // Read first: what is appended from here on must not be jumped over.
  const last = await log.lastSequence(ref)
  if (after === undefined) return last
  const [next] = await log.read(ref, after, 1)
  return next ? next.sequence - 1 : Math.max(after, last)
}

async function replay(
  { log, subscriptions, poster }: SubscribeDependencies,
  { ref, subscription, signal }: SubscribeRequest,
  after: number,
): Promise<SubscribeResult> {
  const text = new StreamText()
  let cursor = after
  while (!signal.aborted) {
    let events = await log.read(ref, cursor, REPLAY_PAGE)
    if (events.length === 0) {
      const handover = await subscriptions.goLive(ref, subscription, cursor)
      if (handover !== 'behind') return handover
    }
    for (const event of events) text.apply(event)
    while (events.length > 0) {
      const frame = eventFrame(ref, subscription, events)
      const posted = await postPatiently(poster, subscription.connectionId, frame.text, { signal })
      if (posted.status !== 'sent') return undelivered(posted.status)
      const last = events.find((event) => event.sequence === frame.last)
      cursor = frame.last
      events = events.filter((event) => event.sequence > frame.last)
      if (last && isTerminalEvent(last)) {
        await answerRequest(poster, subscription, last, text.text, signal)
        return 'ended'
      }
    }
  }
  return 'behind'
}

const undelivered = (status: Exclude<PostResult['status'], 'sent'>): SubscribeResult => (status === 'gone' ? 'gone' : 'behind')
