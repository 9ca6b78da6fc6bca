import { SluiceClientError } from './errors.ts'
import { createEventQueue, type EventQueue } from './event-queue.ts'
import type { Following } from './hub.ts'
import { createLatencyLog, type LatencyLog } from './latency.ts'
import { createListeners, type Listeners } from './listeners.ts'
import { NO_STATS, type StreamStatus, type SubscriptionStats } from './stream-status.ts'

export interface StreamStats extends SubscriptionStats {
  /** Sequence of the last event applied; −1 before the first. */
  cursor: number
  /** From the making of an event on the server to its application here, in milliseconds: the last hundred frames. */
  latencyMs: readonly number[]
}

export interface StreamCoreOptions {
  /** What is followed, for the message of an error. */
  name: string
  signal: AbortSignal | undefined
  follow(): Following
  /** It failed, was closed or aborted. */
  onFail(error: unknown): void
  /** The iteration waits for more. */
  onRead?(): void
}

export interface StreamCore<Event, Result> {
  readonly queue: EventQueue<Event>
  readonly listeners: Listeners<Event, Result>
  readonly latency: LatencyLog
  readonly status: StreamStatus
  readonly isOver: boolean
  stats(cursor: number): StreamStats
  /** Follows the channel, unless it does already. */
  attach(): void
  leave(status: StreamStatus): void
  show(status: StreamStatus): void
  /** From now on neither the signal nor a failure changes anything. */
  settle(): void
  fail(error: unknown): void
  /** Fails with `closed`. */
  close(): void
}

/** What all streams have: readers, a status, figures, a hold on a channel, and an end. Nothing is followed before {@link StreamCore.attach}. */
export function createStreamCore<Event, Result>(options: StreamCoreOptions): StreamCore<Event, Result> {
  const { name, signal, onFail } = options
  const queue = createEventQueue<Event>(close, options.onRead)
  const listeners = createListeners<Event, Result>()
  const latency = createLatencyLog()
  let status: StreamStatus = 'connecting'
  let following: Following | undefined
  let lastStats = NO_STATS
  let isOver = false

  function show(next: StreamStatus): void {
    if (next === status) return
    status = next
    listeners.tell((listener) => listener.status?.(next))
  }

  function leave(next: StreamStatus): void {
    lastStats = following?.stats ?? lastStats
    following?.leave()
    following = undefined
    show(next)
  }

  function settle(): void {
    isOver = true
    signal?.removeEventListener('abort', onAbort)
  }

  function fail(error: unknown): void {
    if (isOver) return
    settle()
    leave(error instanceof SluiceClientError && error.code === 'closed' ? 'idle' : 'ended')
    onFail(error)
    queue.fail(error)
    listeners.tell((listener) => listener.error?.(error))
  }

  function close(): void {
    fail(new SluiceClientError('closed', `the stream of ${name} was closed`))
  }

  const onAbort = (): void => fail(signal?.reason)
  signal?.addEventListener('abort', onAbort)

  return {
    queue,
    listeners,
    latency,
    get status() {
      return status
    },
    get isOver() {
      return isOver
    },
    stats: (cursor) => ({ ...(following?.stats ?? lastStats), cursor, latencyMs: latency.samples }),
    attach() {
      if (signal?.aborted) onAbort()
      if (!isOver) following ??= options.follow()
    },
    leave,
    show,
    settle,
    fail,
    close,
  }
}
