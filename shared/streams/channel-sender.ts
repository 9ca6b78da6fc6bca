import type { Clock } from '#shared/platform/clock.ts'
import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { answerRequest } from './answer-request.ts'
import type { CallbackBudget } from './callback-budget.ts'
import { type CancelWatch, cancelWatch } from './cancel-watch.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import type { ConnectionTaskQueue } from './connection-task-queue.ts'
import { nextFrame } from './event-frames.ts'
import type { SenderLoad } from './flush-window.ts'
import { postPatiently } from './post-patiently.ts'
import { shardNudges } from './shard-nudges.ts'
import type { StreamLog } from './stream-log.ts'
import { outcomeReader } from './stream-outcome.ts'
import type { Head, LiveSubscription, SubscriptionStore } from './subscription-store.ts'

/** Events that the sender keeps at hand; a viewer that is further behind is served from the log. */
const RECENT_EVENTS = 512

/**
 * Newcomers wait this long for the first event behind their handover, in milliseconds, when others are there already; a writer that falls
 * silent looks again. Each look costs a read; with every second flush a cancel is still seen well within a second.
 */
const LOOK_EVERY_MS = 400

export type ChannelSenderDependencies = {
  log: StreamLog
  subscriptions: SubscriptionStore
  poster: ConnectionPoster
  callbackBudget: CallbackBudget
  connectionTasks: ConnectionTaskQueue
  clock: Clock
}

type Viewer = { subscription: LiveSubscription; position: number; pump: Promise<void> | undefined; lost: boolean }

/**
 * Posts what a writer appended to the live subscriptions of its channel. Each viewer has its own pump: its posts are awaited one after
 * the other, and what piles up meanwhile leaves as one bigger frame, so a slow connection delays nobody. Viewers in shards are others'
 * to post to: those are told that there is more.
 */
export type ChannelSender = {
  /** To be called after each append: looks who is subscribed and starts their pumps. Does not wait for posts. Repeatable. */
  appended(events: StreamEvent[]): Promise<void>
  /** Looks who is live, and waits until all of them have everything that was appended so far, or the signal aborts. */
  caughtUp(signal: AbortSignal): Promise<void>
  /** Waits until every viewer has everything, or the signal aborts; then closes the connections that are still behind. */
  drain(text: string, signal: AbortSignal): Promise<void>
  /** Leaves what is not posted yet to the next writer. Waits for the posts that are on their way. */
  halt(): Promise<void>
  /**
   * Calls back once when somebody asks the writer to stop. A silent channel is looked at twice a second, also for those who came meanwhile.
   * Returns the end of it.
   */
  onCancelRequested(call: () => void): () => void
  /** What the next flush means for the account's posts. */
  load(): SenderLoad
  /** Sequence up to which everybody who was live then has everything. */
  postedThrough(): number
}

/**
 * @param postedThrough - everything up to here was posted to everybody who was live then; a later writer of the same
 *   stream catches up from here
 */
export function channelSender(dependencies: ChannelSenderDependencies, ref: ChannelRef, postedThrough = -1): ChannelSender {
  const { log, subscriptions, poster, callbackBudget, connectionTasks, clock } = dependencies
  const viewers = new Map<string, Viewer>()
  const nudges = shardNudges(connectionTasks, ref)
  const outcome = outcomeReader(log, ref)
  let recent: StreamEvent[] = []
  let last = -1
  let checked = postedThrough
  let ended = false
  let knownVersion = 0
  let shards = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  let watch: CancelWatch | undefined
  let looking: Promise<unknown> = Promise.resolve()
  const goodbyes = new Set<Promise<void>>()
  const giveUp = new AbortController()

  /** One look after the other: a list that comes late must not undo what a newer one has shown. */
  function look(isolated: boolean): Promise<Head> {
    const turn = looking.then(() => lookNow(isolated))
    looking = turn.catch(() => undefined)
    return turn
  }

  async function lookNow(isolated: boolean): Promise<Head> {
    const through = last
    const head = await subscriptions.head(ref, isolated)
    watch?.saw(head)
    shards = head.shards
    if (head.version !== knownVersion) await meet(head.version)
    lookedAt = clock.now()
    checked = Math.max(checked, through)
    return head
  }

  /** The look of a writer that has nothing to say: those who came since the last one wait for what was appended behind their handover. */
  async function lookAround(): Promise<Head> {
    const known = shards
    const head = await look(false)
    nudges.nudge(shards > known ? shards : 0)
    serve()
    return head
  }

  function serve(): void {
    for (const viewer of viewers.values()) {
      if (hasEnded(viewer)) seeOff(viewer)
      else run(viewer)
    }
  }

  async function meet(version: number): Promise<void> {
    const live = await subscriptions.listLive(ref, true)
    const ids = new Set(live.map((subscription) => subscription.subscriptionId))
    for (const [id, viewer] of viewers) if (!ids.has(id)) lose(viewer)
    for (const subscription of live) {
      const known = viewers.get(subscription.subscriptionId)
      if (known) known.subscription = subscription
      else {
        const position = Math.max(subscription.cursor, postedThrough)
        viewers.set(subscription.subscriptionId, { subscription, position, pump: undefined, lost: false })
      }
    }
    knownVersion = version
  }

  async function eventsAfter(position: number): Promise<StreamEvent[]> {
    const [oldest] = recent
    if (oldest && oldest.sequence <= position + 1) return recent.filter((event) => event.sequence > position)
    return (await log.read(ref, position)).filter((event) => event.sequence <= last)
  }

  /** By the last look: it may have been prolonged since. */
  const hasEnded = ({ subscription }: Viewer): boolean => subscription.until <= clock.now()

  async function pump(viewer: Viewer): Promise<void> {
    while (!viewer.lost && !hasEnded(viewer) && viewer.position < last && !giveUp.signal.aborted) {
      const events = await eventsAfter(viewer.position)
      if (events.length === 0) return
      const { subscription } = viewer
      const frame = await nextFrame(ref, subscription, events, outcome)
      const result = await postPatiently(poster, subscription.connectionId, frame.text, {
        signal: giveUp.signal,
        onThrottled: callbackBudget.throttled,
      })
      if (result.status === 'gone' || result.status === 'refused') await remove(viewer)
      if (result.status === 'sent') viewer.position = frame.last
    }
  }

  /** A pump that fails (the log cannot be read) leaves its viewer behind; the next append or the drain starts it again. */
  function run(viewer: Viewer): void {
    viewer.pump ??= pump(viewer)
      .catch(() => undefined)
      .finally(() => {
        viewer.pump = undefined
      })
  }

  function lose(viewer: Viewer): void {
    viewer.lost = true
    viewers.delete(viewer.subscription.subscriptionId)
  }

  async function remove(viewer: Viewer): Promise<void> {
    lose(viewer)
    await subscriptions.remove(ref, viewer.subscription, viewer.subscription.subscriptionId)
  }

  /** The right to follow is over, and so is the connection's. Best effort: nothing is posted to it any more in any case. */
  function seeOff(viewer: Viewer): void {
    const { connectionId } = viewer.subscription
    const goodbye = remove(viewer)
      .catch(() => undefined)
      .then(() => poster.close(connectionId))
      .finally(() => goodbyes.delete(goodbye))
    goodbyes.add(goodbye)
  }

  return {
    async appended(events) {
      recent = [...recent, ...events.filter((event) => event.sequence > last)].slice(-RECENT_EVENTS)
      last = recent.at(-1)?.sequence ?? last
      ended = events.some(isTerminalEvent)
      // Who is live stays the writer's to serve, so the known ones need not wait for the look at the newcomers.
      for (const viewer of viewers.values()) run(viewer)
      const isFresh = viewers.size > 0 && clock.now() - lookedAt < LOOK_EVERY_MS
      if (ended || !isFresh) await look(ended)
      nudges.nudge(shards)
      serve()
      // Nobody comes behind the end to make up for a task that was not sent.
      if (ended) await nudges.settled()
    },

    async caughtUp(signal) {
      await unlessAborted(catchUp(), signal).catch(() => undefined)
    },

    async drain(text, signal) {
      const stop = (): void => giveUp.abort(signal.reason)
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
      await Promise.all([...viewers.values()].map((viewer) => finish(viewer, text)))
      await Promise.all(goodbyes)
      signal.removeEventListener('abort', stop)
    },

    async halt() {
      giveUp.abort()
      await Promise.all([...[...viewers.values()].map((viewer) => viewer.pump), ...goodbyes])
    },

    onCancelRequested(call) {
      const watching = cancelWatch(lookAround, call)
      watch = watching
      return watching.stop
    },

    load: () => ({ viewers: viewers.size, pressure: viewers.size > 0 ? callbackBudget.pressure() : 0 }),

    postedThrough() {
      return Math.min(checked, ...[...viewers.values()].map((viewer) => viewer.position))
    },
  }

  async function catchUp(): Promise<void> {
    if (checked < last) await look(false)
    const pumps = [...viewers.values()].map(async (viewer) => {
      run(viewer)
      await viewer.pump
    })
    nudges.nudge(shards)
    await Promise.all([...pumps, nudges.settled()])
  }

  async function finish(viewer: Viewer, text: string): Promise<void> {
    await viewer.pump
    run(viewer)
    await viewer.pump
    if (viewer.lost) return
    if (hasEnded(viewer)) return seeOff(viewer)
    const terminal = recent.at(-1)
    if (viewer.position < last) await poster.close(viewer.subscription.connectionId)
    else if (ended && terminal) await answerRequest(poster, viewer.subscription, terminal, async () => ({ text }), giveUp.signal)
  }
}
