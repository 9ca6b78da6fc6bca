import { type Clock, sleep } from '#shared/platform/clock.ts'
import { parseChannel } from '#shared/protocol/channel.ts'
import { VIEWERS_PER_SHARD } from '#shared/protocol/limits.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import type { ConnectionStore } from './connection-store.ts'
import { encodeFrame } from './event-frames.ts'
import { postPatiently } from './post-patiently.ts'
import { type Delivery, replay } from './replay.ts'
import type { StreamLog } from './stream-log.ts'
import type { Subscription, SubscriptionStore, ViewersRef } from './subscription-store.ts'

/** Pause before a socket that may not be open yet is tried again, in milliseconds. */
const OPENING_PAUSE_MS = 100

export type SubscribeDependencies = {
  log: StreamLog
  subscriptions: SubscriptionStore
  poster: ConnectionPoster
  clock: Clock
  /** Notes what a connection follows, so that it ends with the connection, and is prolonged with it. */
  connections?: Pick<ConnectionStore, 'addSubscription' | 'removeSubscription'>
}

export type SubscribeRequest = {
  ref: ChannelRef
  subscription: Subscription
  /** Cursor of the client; when absent, an execution is sent from its start and a topic from now on. A topic may begin later. */
  after?: number | undefined
  /** Name of the frame that asked, for its answer. */
  responseTo?: string | undefined
  /**
   * Set for what a connection was opened with, when no frame asked: until this time, in milliseconds since the epoch, a socket that looks
   * closed may not be open yet.
   */
  patientUntil?: number | undefined
  /** Aborts shortly before the invocation ends. */
  signal: AbortSignal
}

/**
 * `live`: replayed, and the writers post from here. `ended`: the terminal event was posted. `gone`: the socket is closed.
 * `replaced`: the connection subscribed again. `expired`: the right to follow ended, and the socket was closed. `behind`: the signal
 * aborted first; the client must subscribe again.
 */
export type SubscribeResult = 'live' | 'ended' | 'gone' | 'replaced' | 'expired' | 'behind'

/**
 * Subscribes a connection to a channel: confirms, replays the log from the cursor, and hands over to the writers.
 *
 * While it replays, nobody else posts to this subscription. The handover succeeds only when nothing stands in the log behind what was
 * posted, so each event has exactly one sender (docs/architecture.md, "Why streams are gap-free").
 */
export async function subscribe(dependencies: SubscribeDependencies, request: SubscribeRequest): Promise<SubscribeResult> {
  const after = await startOf(dependencies.log, request.ref, request.after)
  const place = await takePlace(dependencies, request)
  if (!place) return 'gone'
  let result: SubscribeResult | undefined
  try {
    result = await begin(dependencies, request, place, after)
    return result
  } finally {
    if (result !== 'live' && result !== 'replaced') await end(dependencies, request, place, result)
  }
}

async function begin(
  dependencies: SubscribeDependencies,
  request: SubscribeRequest,
  place: ViewersRef,
  after: number,
): Promise<SubscribeResult> {
  const { subscriptions } = dependencies
  const { subscription, signal } = request
  await subscriptions.beginReplay(place, subscription)
  const deliver = (frame: string): Promise<Delivery> => post(dependencies, request, frame)
  const confirmation = isConfirmed(request) ? await confirm(subscriptions, place, request, after) : undefined
  const confirmed = confirmation === undefined ? 'sent' : await deliver(confirmation)
  return confirmed === 'sent' ? replay(dependencies, { place, subscription, after, deliver, signal }) : confirmed
}

/** @param result - undefined when it failed */
async function end(
  { subscriptions, connections, poster }: SubscribeDependencies,
  { ref: { channel }, subscription }: SubscribeRequest,
  place: ViewersRef,
  result: SubscribeResult | undefined,
): Promise<void> {
  const { connectionId, operation, subscriptionId } = subscription
  // Its own subscription only: the connection may have subscribed again meanwhile.
  await subscriptions.remove(place, subscription, subscriptionId)
  // What did not come to its end can begin anew. Of what did, an operation is over; a channel stays noted until the connection ends.
  if (result !== 'ended' || operation !== undefined) await connections?.removeSubscription(connectionId, { channel, operation })
  if (result === 'expired') await poster.close(connectionId)
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

/** Finds a place and notes it with the connection. What it had elsewhere ends; undefined when the connection is gone. */
async function takePlace(
  { subscriptions, connections }: SubscribeDependencies,
  { ref, subscription }: SubscribeRequest,
): Promise<ViewersRef | undefined> {
  const { connectionId, operation } = subscription
  const place = await subscriptions.placeFor(ref)
  const noted = await connections?.addSubscription(connectionId, { ...place, operation })
  if (noted?.result === 'gone') return undefined
  if (noted?.replaced && noted.replaced.shard !== place.shard) await subscriptions.remove(noted.replaced, subscription)
  return place
}

async function post(
  { poster, clock }: SubscribeDependencies,
  { subscription, patientUntil = 0, signal }: SubscribeRequest,
  frame: string,
): Promise<Delivery> {
  for (;;) {
    if (subscription.until <= clock.now()) return 'expired'
    const { status } = await postPatiently(poster, subscription.connectionId, frame, { signal })
    if (status === 'sent') return 'sent'
    if (status !== 'gone') return 'behind'
    if (clock.now() >= patientUntil || signal.aborted) return 'gone'
    await sleep(OPENING_PAUSE_MS, signal).catch(() => undefined)
  }
}

/** GraphQL has no confirmation, and a plain client that opened its socket for one execution expects nothing but its events. */
function isConfirmed({ ref, subscription: { view }, patientUntil }: SubscribeRequest): boolean {
  const opening = patientUntil !== undefined && parseChannel(ref.channel).kind === 'execution'
  return view === undefined || (view.kind === 'flat' && !opening)
}

async function confirm(
  subscriptions: SubscriptionStore,
  place: ViewersRef,
  { subscription, responseTo }: SubscribeRequest,
  after: number,
): Promise<string> {
  const { kind, id } = parseChannel(place.channel)
  return encodeFrame({
    message_type: 'subscription_confirmed',
    response_to: responseTo,
    payload: {
      channel: place.channel,
      subscription: subscription.subscriptionId,
      after,
      ...(kind === 'topic' && { topic: id, subscriber_count: await countViewers(subscriptions, place) }),
    },
  })
}

/** Who is live, and the newcomer: all the places before its own are full. */
async function countViewers(subscriptions: SubscriptionStore, place: ViewersRef): Promise<number> {
  const live = await subscriptions.listLive(place)
  return (place.shard ?? 0) * VIEWERS_PER_SHARD + live.length + 1
}
