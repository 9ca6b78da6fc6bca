import type { ClientFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { SluiceClientError } from './errors.ts'
import { createSequencer, firstOf, type Numbered } from './sequencer.ts'
import type { StreamStatus, SubscriptionStats, Transport } from './stream-status.ts'
import { backoffDelay, type Timing } from './timing.ts'

/** One reader of a channel, with its own place in the stream. */
export interface Subscriber {
  /** Sequence of the last event it has; undefined means "from now on". */
  readonly cursor: number | undefined
  /** Takes packed events. */
  readonly packed?: boolean
  /** Next events, in order, each once; all that one frame brought. */
  deliver(events: readonly StreamEvent[]): void
  /** Text to show until the next events come. */
  preview?(text: string): void
  /** The server confirmed; events after this cursor will come. */
  onConfirmed?(after: number): void
  onStatus?(status: StreamStatus): void
  /** The last event that it has is the end of the stream. */
  onEnd?(): void
  fail(error: SluiceClientError): void
}

export interface SubscriptionOptions {
  channel: string
  /** Silence after which the channel is looked after, in milliseconds. */
  quietMs: number
  timing: Timing
  /** How frames travel. */
  transport(): Transport
  /** False when no socket is open. */
  send(frame: ClientFrame): boolean
  nextFrameId(): string
  /** Everything behind the cursor of an execution that has ended; undefined while it has not. */
  readRest?(after: number): Promise<readonly StreamEvent[] | undefined>
  isOffline(): boolean
  /** Events come over the socket from now on. */
  onConfirmed(): void
  /** The server does not answer: the socket must be replaced. */
  onDeadSocket(): void
  /** The last reader left. */
  onEmpty(): void
}

export interface Subscription {
  readonly channel: string
  readonly cursor: number | undefined
  readonly isEmpty: boolean
  readonly stats: SubscriptionStats
  /** Whether all its readers can take packed events from the cursor on. */
  readonly takesPacked: boolean
  add(subscriber: Subscriber): void
  remove(subscriber: Subscriber): void
  /** A socket is open: subscribes from the cursor. */
  connected(): void
  disconnected(): void
  handle(frame: ServerFrame): void
  /** Takes events that came another way. */
  receive(events: readonly StreamEvent[]): void
  preview(text: string): void
  /** Where the stream begins, when nothing before it can come any more. */
  begin(after: number): void
  /** Another transport brings the events now, or no longer. With `exclusive` the socket is not asked for them. */
  carry(transport: Transport | undefined, exclusive?: boolean): void
  /** Asks whether the execution has ended, and if so reads the rest. */
  look(): Promise<void>
  /** Tells the readers when the status is another one. */
  showStatus(): void
  fail(error: SluiceClientError): void
}

type Phase = 'idle' | 'asking' | 'live' | 'gap' | 'leaving'

/** How often a gap is read again from the same cursor before the events count as lost. */
const MAX_GAP_RETRIES = 5

/**
 * The one subscription that a connection has for a channel, shared by all its readers. Heals itself: asks again from the cursor
 * after a gap, after silence and after a retryable error, one request at a time.
 */
export function createSubscription(options: SubscriptionOptions): Subscription {
  const { channel, timing, send } = options
  const subscribers = new Set<Subscriber>()
  const counts = { gapsHealed: 0, resumes: 0, frames: 0 }
  let sequencer = createSequencer<StreamEvent & Numbered>(undefined)
  let phase: Phase = 'idle'
  let status: StreamStatus = 'idle'
  let carrier: Transport | undefined
  let exclusive = false
  let request: string | undefined
  let subscription: string | undefined
  let asksPacked = false
  let rewound = false
  let stalled = false
  let hasBegun = false
  let wasUnauthorized = false
  let fruitless = 0
  let alarm: ReturnType<typeof setTimeout> | undefined

  function enter(next: Phase, ms?: number, onAlarm?: () => void): void {
    phase = next
    clearTimeout(alarm)
    if (onAlarm) alarm = setTimeout(onAlarm, ms)
    showStatus()
  }

  function statusNow(): StreamStatus {
    if (stalled) return 'stalled'
    if (sequencer.hasGap) return 'catching-up'
    if (carrier || phase === 'live') return 'live'
    if (options.isOffline()) return 'offline'
    return phase === 'asking' && hasBegun ? 'catching-up' : 'connecting'
  }

  function showStatus(): void {
    const next = statusNow()
    if (next === status) return
    status = next
    for (const subscriber of [...subscribers]) subscriber.onStatus?.(status)
  }

  const takesPacked = (): boolean =>
    [...subscribers].every(({ packed, cursor }) => packed && (cursor ?? sequencer.cursor) === sequencer.cursor)

  function ask(): void {
    if (exclusive) return
    const after = sequencer.cursor
    rewound = false
    asksPacked = takesPacked()
    request = options.nextFrameId()
    const payload = { channel, ...(after !== undefined && { after }), ...(asksPacked && { snapshot: true }) }
    if (send({ message_type: 'subscribe', id: request, payload })) enter('asking', timing.confirmMs, options.onDeadSocket)
    else enter('idle')
  }

  function askAgain(): void {
    if (phase === 'gap' && fruitless >= MAX_GAP_RETRIES) fail(lost())
    else {
      fruitless += 1
      ask()
    }
  }

  const lost = () => new SluiceClientError('events_lost', `events after ${sequencer.cursor} of ${channel} are no longer kept`)

  /** Silence of an execution may mean that it has ended unheard. Whatever comes of asking, the socket is asked again. */
  async function lookAfterSilence(): Promise<void> {
    stalled = options.readRest !== undefined
    showStatus()
    await look()
    if (phase === 'live' && subscribers.size > 0) askAgain()
  }

  async function look(): Promise<void> {
    const { cursor } = sequencer
    if (cursor === undefined || !options.readRest) return
    // With the event at the cursor: it may be the end, of which nothing is left to come.
    const rest = await options.readRest(Math.max(-1, cursor - 1)).catch(() => undefined)
    if (!rest) return
    receive(rest.filter((event) => event.sequence > cursor))
    if (!rest.some(isTerminalEvent)) fail(lost())
    else for (const subscriber of [...subscribers]) subscriber.onEnd?.()
  }

  /** Decides what to wait for once a frame was handled. */
  function watch(): void {
    if (phase === 'asking' || phase === 'leaving') return
    if (!sequencer.hasGap) enter('live', options.quietMs * 2 ** Math.min(fruitless, 4), () => void lookAfterSilence())
    else if (phase !== 'gap') enter('gap', timing.gapMs, askAgain)
  }

  function receive(events: readonly StreamEvent[]): void {
    const hadGap = sequencer.hasGap
    const ready = sequencer.accept(events)
    counts.frames += events.length > 0 ? 1 : 0
    if (hadGap && !sequencer.hasGap) counts.gapsHealed += 1
    if (ready.length > 0) {
      fruitless = 0
      hasBegun = true
      stalled = false
    }
    for (const subscriber of [...subscribers]) {
      const news = newsFor(subscriber.cursor, ready)
      if (news.length > 0) subscriber.deliver(news)
    }
    showStatus()
  }

  /** What comes next for a reader. Where it stands inside a packed event, the stream is read again from its place, unpacked. */
  function newsFor(cursor: number | undefined, ready: readonly (StreamEvent & Numbered)[]): StreamEvent[] {
    if (cursor === undefined) return []
    const news = ready.filter((event) => event.sequence > cursor)
    if (!news[0] || firstOf(news[0]) > cursor) return news
    rewind(cursor)
    return []
  }

  function rewind(cursor: number): void {
    if (sequencer.cursor === undefined || cursor < sequencer.cursor) sequencer.seek(cursor)
    rewound = true
    if (phase === 'live' || phase === 'gap') ask()
  }

  function confirmed(after: number, id: string): void {
    subscription = id
    stalled = false
    wasUnauthorized = false
    if (hasBegun) counts.resumes += 1
    // A topic begins later than asked when the events behind the cursor have expired; that is no gap.
    if (sequencer.cursor === undefined || (!rewound && after > sequencer.cursor)) sequencer.seek(after)
    phase = 'live'
    options.onConfirmed()
    begun()
    if (rewound) ask()
    else watch()
  }

  /** Hands out what was held back for want of a cursor, and tells the readers where they stand. */
  function begun(): void {
    hasBegun = true
    receive([])
    const { cursor } = sequencer
    if (cursor !== undefined) for (const subscriber of [...subscribers]) subscriber.onConfirmed?.(cursor)
  }

  function refused({ code, detail, retryable }: Extract<ServerFrame, { message_type: 'error' }>['payload']): void {
    if (retryable) enter('idle', backoffDelay(fruitless, timing), askAgain)
    else if (code === 'unauthorized' && !wasUnauthorized) {
      // The token of the socket has ended; the next one is opened with another, or refused for good.
      wasUnauthorized = true
      options.onDeadSocket()
    } else fail(new SluiceClientError(code, detail))
  }

  function fail(error: SluiceClientError): void {
    for (const subscriber of [...subscribers]) subscriber.fail(error)
  }

  function leave(): void {
    request = undefined
    subscription = undefined
    carrier = undefined
    exclusive = false
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
    get isEmpty() {
      return subscribers.size === 0
    },
    get stats() {
      const transport = carrier ?? (phase === 'live' || phase === 'gap' ? options.transport() : 'none')
      return { transport, duplicatesDropped: sequencer.duplicates, ...counts }
    },
    get takesPacked() {
      return takesPacked()
    },
    add(subscriber) {
      if (subscribers.size === 0) sequencer = createSequencer(subscriber.cursor)
      subscribers.add(subscriber)
      subscriber.onStatus?.(status)
      const cursor = sequencer.cursor
      if (subscriber.cursor !== undefined && (cursor === undefined || subscriber.cursor < cursor)) rewind(subscriber.cursor)
      else if (asksPacked && !takesPacked()) rewind(cursor ?? -1)
      else if (cursor !== undefined && (carrier || phase === 'live' || phase === 'gap')) subscriber.onConfirmed?.(cursor)
      if (phase === 'idle') ask()
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
    preview(text) {
      for (const subscriber of [...subscribers]) subscriber.preview?.(text)
    },
    begin(after) {
      sequencer.seek(after)
      begun()
    },
    carry(transport, isExclusive = false) {
      if (transport && transport !== carrier && hasBegun) counts.resumes += 1
      carrier = transport
      exclusive = isExclusive
      if (carrier) begun()
      else showStatus()
    },
    look,
    showStatus,
    fail,
  }
}
