import type { FactEvent, StreamEvent, TopicEvent } from '#shared/protocol/stream-event.ts'
import type { Following } from './hub.ts'
import type { StreamListeners } from './listeners.ts'
import { createStreamCore, type StreamStats } from './stream-core.ts'
import type { StreamStatus } from './stream-status.ts'
import type { Subscriber } from './subscription.ts'

/** Events kept for a slow reader. Beyond it the stream unsubscribes, and reads on from its cursor once all were taken. */
const MAX_WAITING = 1_000

/** Events of a channel that never ends by itself. Leaving the loop closes it. */
export interface ChannelStream<Event> extends AsyncIterable<Event> {
  readonly channel: string
  /** Sequence of the last event received; undefined before {@link ready}. */
  readonly cursor: number | undefined
  /** Resolves with the cursor from which events come: what happens now will arrive. */
  readonly ready: Promise<number>
  readonly status: StreamStatus
  readonly stats: StreamStats
  /** Calls back from now on; returns how to stop. Events are then no longer kept for an iteration, unless there is one. */
  on(listener: Omit<StreamListeners<Event>, 'text' | 'done'>): () => void
  close(): void
}

/** Messages of a topic as they are accepted. */
export type TopicStream = ChannelStream<TopicEvent>
/** Lifecycle events as they are told. */
export type FactStream = ChannelStream<FactEvent>

export interface ChannelOptions {
  /** Cursor to go on from; −1 for all that is kept (24 hours). From now on when absent. */
  after?: number
  signal?: AbortSignal
}

/**
 * @param subscribe - follows the channel; returns how to leave
 * @param isWanted - events of other kinds, or that were not asked for, only move the cursor
 */
export function createChannelStream<Event extends StreamEvent>(
  channel: string,
  subscribe: (subscriber: Subscriber) => Following,
  isWanted: (event: StreamEvent) => event is Event,
  options: ChannelOptions,
): ChannelStream<Event> {
  const { promise: ready, resolve, reject } = Promise.withResolvers<number>()
  ready.catch(() => undefined) // The reader of the events gets the same error.
  let cursor = options.after
  let isListenedTo = false
  let isRead = false

  const core = createStreamCore<Event, never>({
    name: channel,
    signal: options.signal,
    follow: () => subscribe(subscriber),
    onFail: reject,
    onRead: () => core.attach(),
  })
  const { queue, listeners, latency } = core

  const subscriber: Subscriber = {
    get cursor() {
      return cursor
    },
    deliver(news) {
      const events = news.filter(isWanted)
      cursor = news.at(-1)?.sequence ?? cursor
      latency.add(news)
      if (isRead || !isListenedTo) for (const event of events) queue.push(event)
      if (events.length > 0) listeners.tell((listener) => listener.events?.(events))
      if (queue.size >= MAX_WAITING) core.leave('idle')
    },
    onConfirmed(after) {
      cursor = Math.max(cursor ?? after, after)
      resolve(cursor)
    },
    onStatus: core.show,
    fail: core.fail,
  }

  core.attach()
  return {
    channel,
    get cursor() {
      return cursor
    },
    ready,
    get status() {
      return core.status
    },
    get stats() {
      return core.stats(cursor ?? -1)
    },
    on(listener) {
      isListenedTo = true
      return listeners.add(listener, '', false)
    },
    close: core.close,
    [Symbol.asyncIterator]() {
      isRead = true
      return queue
    },
  }
}
