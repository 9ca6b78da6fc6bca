import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { type ConnectionState, createConnection } from './connection.ts'
import { SluiceClientError } from './errors.ts'
import { createSubscription, type Subscriber, type Subscription } from './subscription.ts'
import type { Timing } from './timing.ts'

/** Failed attempts in a row after which executions are polled over HTTP, once with each further attempt. */
const ATTEMPTS_BEFORE_POLLING = 3

export interface SocketHubOptions {
  url: URL
  ticket(signal: AbortSignal): Promise<string>
  /** Reads a page of an execution's events over HTTP while no socket can be had. */
  poll(executionId: string, after: number): Promise<readonly StreamEvent[]>
  onState(state: ConnectionState): void
  timing: Timing
}

export interface SocketHub {
  /** Opens the socket now and keeps it, also while nothing is subscribed. */
  connect(): void
  /** Follows a channel; returns how to leave it. */
  subscribe(channel: string, subscriber: Subscriber): () => void
  close(): void
}

/** One socket, shared by the subscriptions of all channels. */
export function createSocketHub({ url, ticket, poll, onState, timing }: SocketHubOptions): SocketHub {
  const subscriptions = new Map<string, Subscription>()
  let keepOpen = false
  let closed = false
  let frames = 0

  const connection = createConnection({
    url,
    ticket,
    timing,
    onState,
    needed: () => keepOpen || subscriptions.size > 0,
    onOpen: () => each((subscription) => subscription.connected()),
    onLost: () => each((subscription) => subscription.disconnected()),
    onFrame: dispatch,
    onRefused: failAll,
    onAttemptFailed: (failures) => {
      if (failures >= ATTEMPTS_BEFORE_POLLING) each((subscription) => void pollChannel(subscription))
    },
  })

  function each(action: (subscription: Subscription) => void): void {
    for (const subscription of [...subscriptions.values()]) action(subscription)
  }

  function dispatch(frame: ServerFrame): void {
    switch (frame.message_type) {
      case 'realtime_event':
      case 'subscription_confirmed':
      case 'unsubscription_confirmed':
        subscriptions.get(frame.payload.channel)?.handle(frame)
        break
      case 'error':
        each((subscription) => subscription.handle(frame))
        break
    }
  }

  /** A failed poll needs no handling: the next attempt polls again. */
  async function pollChannel(subscription: Subscription): Promise<void> {
    const [kind, executionId] = subscription.channel.split(':')
    if (kind !== 'execution' || !executionId || subscription.cursor === undefined) return
    const events = await poll(executionId, subscription.cursor).catch(() => [])
    subscription.receive(events)
  }

  function failAll(error: SluiceClientError): void {
    each((subscription) => subscription.fail(error))
  }

  function subscriptionOf(channel: string): Subscription {
    const known = subscriptions.get(channel)
    if (known) return known
    const subscription = createSubscription({
      channel,
      timing,
      quietMs: channel.startsWith('topic:') ? timing.quietTopicMs : timing.stallMs,
      send: connection.send,
      nextFrameId: () => `f${++frames}`,
      onDeadSocket: connection.renew,
      onEmpty: () => subscriptions.delete(channel),
    })
    subscriptions.set(channel, subscription)
    return subscription
  }

  return {
    connect() {
      keepOpen = true
      connection.open()
    },
    subscribe(channel, subscriber) {
      if (closed) throw new SluiceClientError('closed', 'the client was closed')
      const subscription = subscriptionOf(channel)
      subscription.add(subscriber)
      connection.open()
      return () => subscription.remove(subscriber)
    },
    close() {
      closed = true
      // First the socket: subscriptions that end with it need not be left one by one.
      connection.close()
      failAll(new SluiceClientError('closed', 'the client was closed'))
    },
  }
}
