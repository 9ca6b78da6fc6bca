import { type Clock, sleep } from '#shared/platform/clock.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { answerRequest } from './answer-request.ts'
import type { CallbackBudget } from './callback-budget.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import { nextFrame } from './event-frames.ts'
import { postPatiently } from './post-patiently.ts'
import type { StreamLog } from './stream-log.ts'
import { outcomeReader } from './stream-outcome.ts'
import type { LiveSubscription, SubscriptionStore, ViewersRef } from './subscription-store.ts'

/** A viewer that does not have an event so many milliseconds after it was handed out is cut. */
const PATIENCE_MS = 4_000
/** Longest pause before the sender looks for more while somebody is slow, in milliseconds. */
const LOOK_MS = 100

type Viewer = {
  subscription: LiveSubscription
  due: { event: StreamEvent; until: number }[]
  /** Ends when all that was due has been posted, or the viewer is lost. */
  pump: Promise<void>
  lost: boolean
}

/**
 * The viewers of a channel with many writers, or of a shard, each with its own pump: one post after the other, and what piles up meanwhile
 * leaves as one bigger frame. Who cannot keep up is cut, so that it delays the others by {@link PATIENCE_MS} at the most, and comes back with its cursor.
 */
export type ChannelViewers = {
  /** Gives the live subscriptions the next events; whoever is not among them any more gets nothing more. Does not wait for posts. */
  hand(live: LiveSubscription[], events: StreamEvent[]): void
  /**
   * Waits until every viewer has everything, for a moment; then until the quickest one has.
   *
   * @returns whether every viewer has everything
   */
  haveAll(): Promise<boolean>
  /** Waits until every viewer has everything or is cut. */
  settled(): Promise<void>
}

export type ChannelViewersDependencies = {
  log: StreamLog
  subscriptions: SubscriptionStore
  poster: ConnectionPoster
  callbackBudget: CallbackBudget
  clock: Clock
}

export function channelViewers(dependencies: ChannelViewersDependencies, ref: ViewersRef): ChannelViewers {
  const { log, subscriptions, poster, callbackBudget, clock } = dependencies
  const outcome = outcomeReader(log, ref)
  const viewers = new Map<string, Viewer>()
  const pumps = (): Promise<void>[] => [...viewers.values()].map((viewer) => viewer.pump)

  async function pump(viewer: Viewer): Promise<void> {
    for (let [next] = viewer.due; next; [next] = viewer.due) {
      const { subscription } = viewer
      const patience = Math.min(next.until, subscription.until) - clock.now()
      if (patience <= 0) return cut(viewer)
      const events = viewer.due.map(({ event }) => event)
      const frame = await nextFrame(ref, subscription, events, outcome)
      const signal = AbortSignal.timeout(patience)
      const { status } = await postPatiently(poster, subscription.connectionId, frame.text, {
        signal,
        onThrottled: callbackBudget.throttled,
      })
      if (status !== 'sent') return cut(viewer)
      const posted = events.find((event) => event.sequence === frame.last)
      viewer.due = viewer.due.filter(({ event }) => event.sequence > frame.last)
      // Whoever watches an execution from a shard is owed the same as all others.
      if (posted && isTerminalEvent(posted)) await answerRequest(poster, subscription, posted, outcome, signal)
    }
  }

  /**
   * First the subscription: the sender goes on without this viewer, so nothing may follow the gap. Closing is best effort; a client that
   * stays connected subscribes again after a silence.
   */
  async function cut(viewer: Viewer): Promise<void> {
    const { connectionId, subscriptionId } = viewer.subscription
    lose(viewer)
    await subscriptions.remove(ref, viewer.subscription, subscriptionId)
    await poster.close(connectionId)
  }

  return {
    hand(live, events) {
      const ids = new Set(live.map(({ subscriptionId }) => subscriptionId))
      for (const [id, viewer] of viewers) if (!ids.has(id)) lose(viewer)
      const until = clock.now() + PATIENCE_MS
      for (const subscription of live) {
        const { subscriptionId, cursor } = subscription
        const viewer = viewers.get(subscriptionId) ?? { subscription, due: [], pump: Promise.resolve(), lost: false }
        if (viewer.lost) continue
        // It may have been prolonged.
        viewer.subscription = subscription
        viewers.set(subscriptionId, viewer)
        viewer.due.push(...events.filter((event) => event.sequence > cursor).map((event) => ({ event, until })))
        viewer.pump = viewer.pump.then(() => pump(viewer))
        // Whoever waits for the pumps gets the error; until then nobody may be listening.
        viewer.pump.catch(() => undefined)
      }
    },

    async haveAll() {
      const waiting = pumps()
      const enough = new AbortController()
      const all = Promise.all(waiting).then(() => true)
      const late = sleep(LOOK_MS, enough.signal).then(
        () => false,
        () => false,
      )
      const have = await Promise.race([all, late]).finally(() => enough.abort())
      if (!have) await Promise.race(waiting)
      return have
    },

    async settled() {
      const results = await Promise.allSettled(pumps())
      for (const result of results) if (result.status === 'rejected') throw result.reason
    },
  }
}

function lose(viewer: Viewer): void {
  viewer.lost = true
  viewer.due = []
}
