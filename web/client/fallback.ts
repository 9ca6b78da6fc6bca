import type { Doors } from './doors.ts'
import { SluiceClientError } from './errors.ts'
import type { EventBatch, EventSource } from './event-stream.ts'
import { firstOf } from './sequencer.ts'
import type { FallbackTransport } from './side-doors.ts'
import type { Subscription } from './subscription.ts'
import { backoffDelay, pause, type Timing } from './timing.ts'

export interface FallbackOptions {
  /** In the order in which they are tried; none means that there is no other way than the socket. */
  transports: readonly FallbackTransport[]
  doors: Doors
  openStream(channel: string, after: number, packed: boolean, signal: AbortSignal): AsyncIterable<EventBatch>
  subscription: Subscription
  timing: Timing
  /** Which transport brings events now. */
  onTransport(transport: FallbackTransport | undefined): void
}

export interface Fallback {
  /** Brings the events until it is stopped; does nothing when it does already. */
  start(): void
  /** Brings the events of a direct run first; when they break off, `onLost` decides how to go on. */
  adopt(opened: EventSource, onLost: () => void): void
  /** The cursor was moved: reads on from there. */
  restart(): void
  stop(): void
}

/** Failures in a row after which the next transport is used. */
const PATIENCE = 2
/** How often a gap is read again from the same cursor before the events count as lost. */
const MAX_GAP_RETRIES = 5

/** Brings the events of one channel while there is no socket, from the same cursor: as an event stream, or page by page. */
export function createFallback({ transports, doors, openStream, subscription, timing, onTransport }: FallbackOptions): Fallback {
  const { channel } = subscription
  const isExecution = channel.startsWith('execution:')
  let running: AbortController | undefined
  let goOnElsewhere = (): void => undefined

  async function run(signal: AbortSignal): Promise<void> {
    let failures = 0
    let gaps = 0
    while (!signal.aborted) {
      const transport = transports[failures < PATIENCE ? 0 : transports.length - 1]
      if (!transport) return
      const before = subscription.cursor
      try {
        if (before === undefined) subscription.begin(await readEnd(signal))
        await (transport === 'sse' ? readStream(signal) : readPages(signal))
        // It ended before its time: perhaps there is nothing left to come.
        if (subscription.cursor === before) await subscription.look()
        // After some time of polling the event stream gets another chance, one only.
        failures = transport === transports[0] ? 0 : PATIENCE - 1
      } catch (error) {
        if (signal.aborted) return
        carry(undefined)
        failures += 1
        gaps = isGap(error) && subscription.cursor === before ? gaps + 1 : 0
        const isFinal = gaps > MAX_GAP_RETRIES || (transport === transports.at(-1) && !isRetryable(error))
        if (isFinal && error instanceof SluiceClientError) return subscription.fail(error)
      }
      await pause(backoffDelay(failures, timing), signal)
    }
  }

  function carry(transport: FallbackTransport | undefined): void {
    subscription.carry(transport)
    onTransport(transport)
  }

  /** Cursor behind the last event there is: a stream that begins now begins there. */
  async function readEnd(signal: AbortSignal): Promise<number> {
    let end = -1
    for await (const events of doors.readAll(channel, -1, signal)) end = events.at(-1)?.sequence ?? end
    return end
  }

  async function readStream(signal: AbortSignal): Promise<void> {
    const batches = openStream(channel, subscription.cursor ?? -1, isExecution && subscription.takesPacked, signal)
    let isOpen = false
    for await (const batch of batches) {
      if (signal.aborted) return
      if (!isOpen) carry('sse')
      isOpen = true
      take(batch)
    }
  }

  async function readPages(signal: AbortSignal): Promise<void> {
    const until = transports.length > 1 ? performance.now() + timing.pollingMs : Number.POSITIVE_INFINITY
    for (let pauseMs = timing.pollMs; performance.now() < until; pauseMs = Math.min(pauseMs * 2, timing.pollCapMs)) {
      const cursor = subscription.cursor ?? -1
      const { events, next, complete } = await doors.readPage(channel, cursor, signal)
      if (signal.aborted) return
      if (subscription.stats.transport !== 'poll') carry('poll')
      take({ events, preview: '' })
      if (events.length > 0) pauseMs = timing.pollMs / 2
      else if (complete) await subscription.look()
      // A page whose events were all filtered out.
      else if (!isExecution && next > cursor) subscription.begin(next)
      await pause(pauseMs, signal)
    }
  }

  /** These transports keep the order: what cannot be applied at once has one missing before it, or was read for another place. */
  function take({ events, preview }: EventBatch): void {
    const [first] = events
    if (!isExecution && first && firstOf(first) > (subscription.cursor ?? -1) + 1) subscription.begin(firstOf(first) - 1)
    subscription.receive(events)
    if (preview !== '') subscription.preview(preview)
    const last = events.at(-1)?.sequence ?? -1
    if (last > (subscription.cursor ?? -1)) {
      throw new SluiceClientError('events_lost', `events before ${last} of ${channel} are missing`, { retryable: true })
    }
  }

  function begin(work: (signal: AbortSignal) => Promise<void>): void {
    const controller = new AbortController()
    running = controller
    void work(controller.signal).finally(() => {
      if (running === controller) running = undefined
    })
  }

  function stop(): void {
    if (!running) return
    running.abort()
    running = undefined
    carry(undefined)
  }

  return {
    start() {
      if (!running && transports.length > 0) begin(run)
    },
    adopt(opened, onLost) {
      goOnElsewhere = onLost
      subscription.carry('sse', true)
      begin(async (signal) => {
        try {
          for await (const batch of opened(signal)) {
            if (signal.aborted) return
            take(batch)
          }
        } catch {
          // Whatever broke it: it goes on from the cursor.
        }
        if (signal.aborted) return
        running = undefined
        carry(undefined)
        onLost()
      })
    },
    restart() {
      if (!running) return
      stop()
      if (transports.length > 0) begin(run)
      else goOnElsewhere()
    },
    stop,
  }
}

const isGap = (error: unknown): boolean => error instanceof SluiceClientError && error.code === 'events_lost'

const isRetryable = (error: unknown): boolean => error instanceof SluiceClientError && error.retryable
