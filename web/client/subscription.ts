import type { ClientFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { SluiceClientError } from './errors.ts'
import { createSequencer } from './sequencer.ts'
import { backoffDelay, type Timing } from './timing.ts'

/** One reader of a channel, with its own place in the stream. */
export interface Subscriber {
  /** Sequence of the last event it has; undefined means "from now on". */
  readonly cursor: number | undefined
  /** Next events, in order, each once. */
  deliver(events: readonly StreamEvent[]): void
  /** The server confirmed; events after this cursor will come. */
  onConfirmed?(after: number): void
  fail(error: SluiceClientError): void
}

export interface SubscriptionOptions {
  channel: string
  /** Silence after which the channel is read again, in milliseconds. */
  quietMs: number
  timing: Timing
  /** False when no socket is open. */
  send(frame: ClientFrame): boolean
  nextFrameId(): string
  /** The server does not answer: the socket must be replaced. */
  onDeadSocket(): void
  /** The last reader left. */
  onEmpty(): void
}

export interface Subscription {
  readonly channel: string
  readonly cursor: number | undefined
  add(subscriber: Subscriber): void
  remove(subscriber: Subscriber): void
  /** A socket is open: subscribes from the cursor. */
  connected(): void
  disconnected(): void
  handle(frame: ServerFrame): void
  /** Takes events that came another way. */
  receive(events: readonly StreamEvent[]): void
  fail(error: SluiceClientError): void
}

/** How often a gap is read again from the same cursor before the events count as lost. */
const MAX_GAP_RETRIES = 5

/**
 * The one subscription that a connection has for a channel, shared by all its readers. Heals itself: asks again from the cursor
 * after a gap, after silence and after a retryable error, one request at a time.
 */
export function createSubscription(options: SubscriptionOptions): Subscription {
  const { channel, timing, send } = options
  const subscribers = new Set<Subscriber>()
  let sequencer = createSequencer<StreamEvent>(undefined)
  let phase: 'idle' | 'asking' | 'live' | 'gap' | 'leaving' = 'idle'
  let request: string | undefined
  let subscription: string | undefined
  let rewound = false
  let fruitless = 0
  let alarm: ReturnType<typeof setTimeout> | undefined

  function enter(next: typeof phase, ms?: number, onAlarm?: () => void): void {
    phase = next
    clearTimeout(alarm)
    if (onAlarm) alarm = setTimeout(onAlarm, ms)
  }

  function ask(): void {
    const after = sequencer.cursor
    rewound = false
    request = options.nextFrameId()
    const sent = send({ message_type: 'subscribe', id: request, payload: { channel, ...(after === undefined ? {} : { after }) } })
    if (sent) enter('asking', timing.confirmMs, options.onDeadSocket)
    else enter('idle')
  }

  function askAgain(): void {
    if (phase === 'gap' && fruitless >= MAX_GAP_RETRIES) {
      fail(new SluiceClientError('events_lost', `events after ${sequencer.cursor} of ${channel} are no longer kept`))
      return
    }
    fruitless += 1
    ask()
  }

  /** Decides what to wait for once a frame was handled. */
  function watch(): void {
    if (phase === 'asking' || phase === 'leaving') return
    if (!sequencer.hasGap) enter('live', options.quietMs * 2 ** Math.min(fruitless, 4), askAgain)
    else if (phase !== 'gap') enter('gap', timing.gapMs, askAgain)
  }

  function receive(events: readonly StreamEvent[]): void {
    const ready = sequencer.accept(events)
    if (ready.length > 0) fruitless = 0
    for (const subscriber of [...subscribers]) {
      const news = ready.filter((event) => subscriber.cursor !== undefined && event.sequence > subscriber.cursor)
      if (news.length > 0) subscriber.deliver(news)
    }
  }

  function confirmed(after: number, id: string): void {
    subscription = id
    // A topic begins later than asked when the events behind the cursor have expired; that is no gap.
    if (sequencer.cursor === undefined || (!rewound && after > sequencer.cursor)) sequencer.seek(after)
    receive([])
    for (const subscriber of [...subscribers]) subscriber.onConfirmed?.(sequencer.cursor ?? after)
    phase = 'live'
    if (rewound) ask()
    else watch()
  }

  function refused(payload: Extract<ServerFrame, { message_type: 'error' }>['payload']): void {
    if (payload.retryable) enter('idle', backoffDelay(fruitless, timing), askAgain)
    else fail(new SluiceClientError(payload.code, payload.detail))
  }

  function fail(error: SluiceClientError): void {
    for (const subscriber of [...subscribers]) subscriber.fail(error)
  }

  function leave(): void {
    request = undefined
    subscription = undefined
    if (phase !== 'idle' && send({ message_type: 'unsubscribe', payload: { channel } })) enter('leaving', timing.confirmMs, left)
    else left()
  }

  /** Someone may have come while the unsubscription was on its way; asking earlier could be overtaken by it. */
  function left(): void {
    enter('idle')
    if (subscribers.size === 0) options.onEmpty()
    else ask()
  }

  return {
    channel,
    get cursor() {
      return sequencer.cursor
    },
    add(subscriber) {
      if (subscribers.size === 0) sequencer = createSequencer(subscriber.cursor)
      subscribers.add(subscriber)
      const cursor = sequencer.cursor
      if (subscriber.cursor !== undefined && (cursor === undefined || subscriber.cursor < cursor)) {
        sequencer.seek(subscriber.cursor)
        rewound = true
      } else if (cursor !== undefined && (phase === 'live' || phase === 'gap')) {
        subscriber.onConfirmed?.(cursor)
      }
      if (phase === 'idle' || (rewound && (phase === 'live' || phase === 'gap'))) ask()
    },
    remove(subscriber) {
      if (subscribers.delete(subscriber) && subscribers.size === 0) leave()
    },
    connected() {
      subscription = undefined
      if (subscribers.size === 0) left()
      else ask()
    },
    disconnected() {
      if (phase === 'leaving') left()
      else enter('idle')
    },
    handle(frame) {
      if (frame.message_type === 'subscription_confirmed' && frame.response_to === request) {
        confirmed(frame.payload.after, frame.payload.subscription)
      } else if (frame.message_type === 'realtime_event' && frame.payload.subscription === subscription) {
        receive(frame.payload.events)
        watch()
      } else if (frame.message_type === 'unsubscription_confirmed' && phase === 'leaving') left()
      else if (frame.message_type === 'error' && frame.response_to === request) refused(frame.payload)
    },
    receive,
    fail,
  }
}
