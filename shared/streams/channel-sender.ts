import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { answerRequest } from './answer-request.ts'
import { type CancelWatch, cancelWatch } from './cancel-watch.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import { eventFrame } from './event-frames.ts'
import { postPatiently } from './post-patiently.ts'
import type { StreamLog } from './stream-log.ts'
import type { LiveSubscription, SubscriptionStore } from './subscription-store.ts'

/** Events that the sender keeps at hand; a viewer that is further behind is served from the log. */
const RECENT_EVENTS = 512

export type ChannelSenderDependencies = { log: StreamLog; subscriptions: SubscriptionStore; poster: ConnectionPoster }

type Viewer = { subscription: LiveSubscription; position: number; pump: Promise<void> | undefined; lost: boolean }

/**
 * Posts what a writer appended to the live subscriptions of its channel. Each viewer has its own pump: its posts are awaited one after
 * the other, and what piles up meanwhile leaves as one bigger frame, so a slow connection delays nobody.
 */
export type ChannelSender = {
  /** To be called after each append: looks who is subscribed and starts their pumps. Does not wait for posts. Repeatable. */
  appended(events: StreamEvent[]): Promise<void>
  /** Waits until everybody who was live at the last look has everything that was appended so far, or the signal aborts. */
  caughtUp(signal: AbortSignal): Promise<void>
  /** Waits until every viewer has everything, or the signal aborts; then closes the connections that are still behind. */
  drain(text: string, signal: AbortSignal): Promise<void>
  /** Leaves what is not posted yet to the next writer. Waits for the posts that are on their way. */
  halt(): Promise<void>
  /** Calls back once when somebody asks the writer to stop; a silent channel is looked at twice a second. Returns the end of it. */
  onCancelRequested(call: () => void): () => void
  /** Viewers at the last look, and answers of 429 since the last call. */
  load(): { viewers: number; throttles: number }
  /** Sequence up to which everybody who was live then has everything. */
  postedThrough(): number
}

/**
 * @param postedThrough - everything up to here was posted to everybody who was live then; a later writer of the same
 *   stream catches up from here
 */
export function channelSender(
  { log, subscriptions, poster }: ChannelSenderDependencies,
  ref: ChannelRef,
  postedThrough = -1,
): ChannelSender {
  const viewers = new Map<string, Viewer>()
  let recent: StreamEvent[] = []
  let last = -1
  let checked = postedThrough
  let ended = false
  let knownVersion = 0
  let throttles = 0
  let watch: CancelWatch | undefined
  const giveUp = new AbortController()

  async function look(isolated: boolean): Promise<void> {
    const head = await subscriptions.head(ref, isolated)
    watch?.saw(head)
    if (head.version === knownVersion) return
    const live = await subscriptions.listLive(ref)
    const ids = new Set(live.map((subscription) => subscription.subscriptionId))
    for (const [id, viewer] of viewers) {
      if (ids.has(id)) continue
      viewer.lost = true
      viewers.delete(id)
    }
    for (const subscription of live) {
      if (viewers.has(subscription.subscriptionId)) continue
      const position = Math.max(subscription.cursor, postedThrough)
      viewers.set(subscription.subscriptionId, { subscription, position, pump: undefined, lost: false })
    }
    knownVersion = head.version
  }

  async function eventsAfter(position: number): Promise<StreamEvent[]> {
    const [oldest] = recent
    if (oldest && oldest.sequence <= position + 1) return recent.filter((event) => event.sequence > position)
    return (await log.read(ref, position)).filter((event) => event.sequence <= last)
  }

  async function pump(viewer: Viewer): Promise<void> {
    const { subscription } = viewer
    while (!viewer.lost && viewer.position < last && !giveUp.signal.aborted) {
      const events = await eventsAfter(viewer.position)
      if (events.length === 0) return
      const frame = eventFrame(ref, subscription, events)
      const result = await postPatiently(poster, subscription.connectionId, frame.text, {
        signal: giveUp.signal,
        onThrottled: () => throttles++,
      })
      if (result.status === 'gone' || result.status === 'refused') {
        viewer.lost = true
        viewers.delete(subscription.subscriptionId)
        await subscriptions.remove(ref, subscription, subscription.subscriptionId)
      }
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

  return {
    async appended(events) {
      recent = [...recent, ...events.filter((event) => event.sequence > last)].slice(-RECENT_EVENTS)
      last = recent.at(-1)?.sequence ?? last
      ended = events.some(isTerminalEvent)
      // Who is live stays the writer's to serve, so the known ones need not wait for the look at the newcomers.
      for (const viewer of viewers.values()) run(viewer)
      await look(ended)
      checked = last
      for (const viewer of viewers.values()) run(viewer)
    },

    async caughtUp(signal) {
      const pumps = [...viewers.values()].map(async (viewer) => {
        run(viewer)
        await viewer.pump
      })
      await unlessAborted(Promise.all(pumps), signal).catch(() => undefined)
    },

    async drain(text, signal) {
      const stop = (): void => giveUp.abort(signal.reason)
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
      await Promise.all([...viewers.values()].map((viewer) => finish(viewer, text)))
      signal.removeEventListener('abort', stop)
    },

    async halt() {
      giveUp.abort()
      await Promise.all([...viewers.values()].map((viewer) => viewer.pump))
    },

    onCancelRequested(call) {
      const watching = cancelWatch(() => subscriptions.head(ref), call)
      watch = watching
      return watching.stop
    },

    load() {
      const load = { viewers: viewers.size, throttles }
      throttles = 0
      return load
    },

    postedThrough() {
      return Math.min(checked, ...[...viewers.values()].map((viewer) => viewer.position))
    },
  }

  async function finish(viewer: Viewer, text: string): Promise<void> {
    await viewer.pump
    run(viewer)
    await viewer.pump
    if (viewer.lost) return
    const terminal = recent.at(-1)
    if (viewer.position < last) await poster.close(viewer.subscription.connectionId)
    else if (ended && terminal) await answerRequest(poster, viewer.subscription, terminal, text, giveUp.signal)
  }
}
