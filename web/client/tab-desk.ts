import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { ClientFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { SluiceClientError } from './errors.ts'
import type { Follow, Following } from './hub.ts'

export interface TabDesk {
  /** Does what another tab asks for. */
  handle(tab: string, frame: ClientFrame): void
  /** A tab has gone. */
  forget(tab: string): void
  stop(): void
}

type Subscribe = Extract<ClientFrame, { message_type: 'subscribe' }>

/** Failures of this tab's own: the others go on with the tab that leads after it. */
const OWN_FAILURES: ReadonlySet<string> = new Set(['closed', 'unauthorized'])

/** Serves the other tabs with the protocol of the server, from the subscriptions of the tab that has the socket. */
export function createTabDesk(follow: Follow, answer: (tab: string, frame: ServerFrame) => void): TabDesk {
  const guests = new Map<string, Map<string, Following>>()

  function leave(tab: string, channel: string): void {
    guests.get(tab)?.get(channel)?.leave()
    guests.get(tab)?.delete(channel)
  }

  function forget(tab: string): void {
    for (const following of guests.get(tab)?.values() ?? []) following.leave()
    guests.delete(tab)
  }

  function subscribe(tab: string, channel: string, { id, payload }: Subscribe): void {
    leave(tab, channel)
    const response = id === undefined ? {} : { response_to: id }
    const subscription = crypto.randomUUID()
    let cursor = payload.after
    let isConfirmed = false

    function confirm(after: number): void {
      cursor = Math.max(cursor ?? after, after)
      if (isConfirmed) return
      isConfirmed = true
      answer(tab, { message_type: 'subscription_confirmed', ...response, payload: { channel, subscription, after: cursor } })
    }
    const following = follow(channel, {
      get cursor() {
        return cursor
      },
      packed: payload.snapshot ?? false,
      deliver(events) {
        cursor = events.at(-1)?.sequence ?? cursor
        answer(tab, { message_type: 'realtime_event', payload: { channel, subscription, events: [...events] } })
      },
      onConfirmed: confirm,
      fail({ code, message: detail }: SluiceClientError) {
        leave(tab, channel)
        if (OWN_FAILURES.has(code)) return
        answer(tab, { message_type: 'error', ...response, payload: { code: code as ErrorCode, detail, retryable: false } })
      },
    })
    const channels = guests.get(tab) ?? new Map<string, Following>()
    guests.set(tab, channels.set(channel, following))
    // An execution begins where it was asked for; where a topic begins only the server knows.
    if (cursor !== undefined && channel.startsWith('execution:')) confirm(cursor)
  }

  return {
    handle(tab, frame) {
      if (frame.message_type === 'ping') {
        answer(tab, { message_type: 'pong', payload: { time: new Date().toISOString() } })
      } else if (frame.message_type === 'subscribe' || frame.message_type === 'unsubscribe') {
        const channel = frame.payload.channel ?? `topic:${frame.payload.topic}`
        if (frame.message_type === 'subscribe') subscribe(tab, channel, frame)
        else {
          leave(tab, channel)
          answer(tab, { message_type: 'unsubscription_confirmed', payload: { channel } })
        }
      }
    },
    forget,
    stop() {
      for (const tab of [...guests.keys()]) forget(tab)
    },
  }
}
