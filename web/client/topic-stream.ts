import type { StreamEvent, TopicEvent } from '#shared/protocol/stream-event.ts'
import { SluiceClientError } from './errors.ts'
import { createEventQueue } from './event-queue.ts'
import type { Subscriber } from './subscription.ts'

/** Messages kept for a slow reader. Beyond it the stream unsubscribes, and reads on from its cursor once all were taken. */
const MAX_WAITING = 1_000

/** Messages of a topic as they are accepted; never ends by itself. Leaving the loop closes it. */
export interface TopicStream extends AsyncIterable<TopicEvent> {
  readonly topic: string
  /** Sequence of the last message received; undefined before {@link ready}. */
  readonly cursor: number | undefined
  /** Resolves with the cursor from which messages come: what is published now will arrive. */
  readonly ready: Promise<number>
  close(): void
}

export interface TopicOptions {
  /** Cursor to go on from; −1 for all that is kept (24 hours). From now on when absent. */
  after?: number
  signal?: AbortSignal
}

/** @param subscribe - follows the topic's channel; returns how to leave */
export function createTopicStream(
  topic: string,
  subscribe: (subscriber: Subscriber) => () => void,
  options: TopicOptions,
): TopicStream {
  const queue = createEventQueue<TopicEvent>(close, attach)
  const { promise: ready, resolve, reject } = Promise.withResolvers<number>()
  ready.catch(() => undefined) // The reader of the messages gets the same error.
  let cursor = options.after
  let detach: (() => void) | undefined
  let closed = false

  const subscriber: Subscriber = {
    get cursor() {
      return cursor
    },
    deliver(events: readonly StreamEvent[]) {
      for (const event of events) {
        cursor = event.sequence
        if (event.type === 'message') queue.push(event)
      }
      if (queue.size >= MAX_WAITING) leave()
    },
    onConfirmed(after) {
      cursor = Math.max(cursor ?? after, after)
      resolve(cursor)
    },
    fail,
  }

  function attach(): void {
    if (!closed) detach ??= subscribe(subscriber)
  }

  function leave(): void {
    detach?.()
    detach = undefined
  }

  function fail(error: unknown): void {
    closed = true
    options.signal?.removeEventListener('abort', onAbort)
    leave()
    reject(error)
    queue.fail(error)
  }

  function close(): void {
    fail(new SluiceClientError('closed', `the stream of topic ${topic} was closed`))
  }

  function onAbort(): void {
    fail(options.signal?.reason)
  }

  if (options.signal?.aborted) onAbort()
  else {
    options.signal?.addEventListener('abort', onAbort)
    attach()
  }

  return {
    topic,
    get cursor() {
      return cursor
    },
    ready,
    close,
    [Symbol.asyncIterator]: () => queue,
  }
}
