import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { Connection, ConnectionCallbacks, ConnectionState } from './connection.ts'
import type { ConnectionStatus } from './connection-info.ts'
import { SluiceClientError } from './errors.ts'
import type { EventSource } from './event-stream.ts'
import type { Fallback } from './fallback.ts'
import { isOffline, onPageChange } from './page-events.ts'
import type { FallbackTransport, SideDoors } from './side-doors.ts'
import type { SubscriptionStats } from './stream-status.ts'
import { createSubscription, type Subscriber, type Subscription } from './subscription.ts'
import type { Timing } from './timing.ts'

/** Failed attempts in a row after which the other transports are used, until a socket is there again. */
const ATTEMPTS_BEFORE_FALLBACK = 3

export interface HubOptions {
  /** Makes the connection; undefined when sockets are not wanted. */
  connect: ((callbacks: ConnectionCallbacks, follow: Follow) => Connection) | undefined
  /** What is used while there is no socket; loaded once. */
  sideDoors(): Promise<SideDoors>
  /** Everything behind the cursor of an execution that has ended; undefined while it has not. */
  readRest(executionId: string, after: number): Promise<readonly StreamEvent[] | undefined>
  onStatus(status: ConnectionStatus): void
  timing: Timing
}

/** A reader's hold on a channel. */
export interface Following {
  readonly stats: SubscriptionStats
  leave(): void
}

/** The answer of a direct run, which brings the first events, and whence it came. */
export interface Opened {
  doors: SideDoors
  events: EventSource
  /** For whoever does not read the events. */
  leave(): void
}

export type Follow = (channel: string, subscriber: Subscriber, opened?: Opened) => Following

export interface Hub {
  /** Opens the socket now and keeps it, also while nothing is subscribed. */
  connect(): void
  /** Follows a channel. */
  follow: Follow
  close(): void
}

interface Entry {
  subscription: Subscription
  /** Made when it is first needed. */
  fallback?: Fallback
}

/** One connection for the subscriptions of all channels, and for each of them a way around it. */
export function createHub({ connect, sideDoors, readRest, onStatus, timing }: HubOptions): Hub {
  const entries = new Map<string, Entry>()
  const carriers = new Map<string, FallbackTransport>()
  let keepOpen = false
  let closed = false
  let failures = 0
  let frames = 0
  let state: ConnectionState = 'closed'

  const connection = connect?.(
    {
      needed: () => keepOpen || entries.size > 0,
      onOpen() {
        failures = 0
        // Loaded while the network is there: it may be needed when little of it is left.
        void sideDoors().catch(() => undefined)
        each(({ subscription }) => subscription.connected())
      },
      onLost: () => each(({ subscription }) => subscription.disconnected()),
      onFrame: dispatch,
      onRefused: failAll,
      onAttemptFailed(count) {
        failures = count
        if (needsFallback()) each((entry) => void goAround(entry))
        showStatuses()
      },
      onState(next) {
        state = next
        showStatus()
      },
    },
    follow,
  )
  const stopListening = onPageChange(showStatuses)

  const needsFallback = (): boolean => !connection || failures >= ATTEMPTS_BEFORE_FALLBACK

  function each(action: (entry: Entry) => void): void {
    for (const entry of [...entries.values()]) action(entry)
  }

  function showStatuses(): void {
    each(({ subscription }) => subscription.showStatus())
  }

  /** Streams that flow make a connection, whatever they flow on. */
  function showStatus(): void {
    const [carrier] = carriers.values()
    if (state === 'open' && connection) onStatus({ state, transport: connection.transport })
    else onStatus(carrier ? { state: 'open', transport: carrier } : { state, transport: 'none' })
  }

  function dispatch(frame: ServerFrame): void {
    switch (frame.message_type) {
      case 'realtime_event':
      case 'subscription_confirmed':
      case 'unsubscription_confirmed':
        entries.get(frame.payload.channel)?.subscription.handle(frame)
        break
      case 'error':
        each(({ subscription }) => subscription.handle(frame))
        break
    }
  }

  function failAll(error: SluiceClientError): void {
    each(({ subscription }) => subscription.fail(error))
  }

  function entryOf(channel: string): Entry {
    const known = entries.get(channel)
    if (known) return known
    const executionId = channel.startsWith('execution:') ? channel.slice('execution:'.length) : undefined
    const subscription = createSubscription({
      channel,
      timing,
      quietMs: executionId === undefined ? timing.quietTopicMs : timing.stallMs,
      ...(executionId !== undefined && { readRest: readRest.bind(undefined, executionId) }),
      transport: () => connection?.transport ?? 'socket',
      send: (frame) => connection?.send(frame) ?? false,
      nextFrameId: () => `f${++frames}`,
      isOffline: () => isOffline() || failures >= ATTEMPTS_BEFORE_FALLBACK,
      onConfirmed: () => entry.fallback?.stop(),
      onDeadSocket: () => connection?.renew(),
      onEmpty: () => entries.delete(channel),
    })
    const entry: Entry = { subscription }
    entries.set(channel, entry)
    return entry
  }

  function fallbackOf(entry: Entry, doors: SideDoors): Fallback {
    const { channel } = entry.subscription
    entry.fallback ??= doors.createFallback(entry.subscription, (transport) => {
      if (transport) carriers.set(channel, transport)
      else carriers.delete(channel)
      showStatus()
    })
    return entry.fallback
  }

  /** Without what it takes nothing is lost: each failed attempt tries again. */
  async function goAround(entry: Entry): Promise<void> {
    const doors = await sideDoors().catch(() => undefined)
    if (doors && needsFallback() && !entry.subscription.isEmpty && !closed) fallbackOf(entry, doors).start()
  }

  function goOn(entry: Entry): void {
    if (needsFallback()) void goAround(entry)
    connection?.open()
  }

  function follow(channel: string, subscriber: Subscriber, opened?: Opened): Following {
    if (closed) {
      opened?.leave()
      throw new SluiceClientError('closed', 'the client was closed')
    }
    const entry = entryOf(channel)
    const { subscription } = entry
    const { cursor, isEmpty } = subscription
    const isAdopted = opened !== undefined && isEmpty
    if (isAdopted) fallbackOf(entry, opened.doors).adopt(opened.events, () => lost(entry))
    else opened?.leave()
    subscription.add(subscriber)
    if (!isAdopted) {
      // Another reader began earlier: what it lacks is read first.
      if (subscription.cursor !== cursor) entry.fallback?.restart()
      goOn(entry)
    }
    return {
      get stats() {
        return subscription.stats
      },
      leave() {
        subscription.remove(subscriber)
        if (subscription.isEmpty) entry.fallback?.stop()
      },
    }
  }

  /** A direct run broke off: the socket brings the rest, or what stands in for it. */
  function lost(entry: Entry): void {
    if (entry.subscription.isEmpty || closed) return
    if (state === 'open') entry.subscription.connected()
    goOn(entry)
  }

  return {
    connect() {
      keepOpen = true
      connection?.open()
    },
    follow,
    close() {
      closed = true
      stopListening()
      // First the socket: subscriptions that end with it need not be left one by one.
      connection?.close()
      failAll(new SluiceClientError('closed', 'the client was closed'))
      // Nobody answers any more: what still waits for it stops waiting.
      each(({ subscription }) => subscription.disconnected())
    },
  }
}
