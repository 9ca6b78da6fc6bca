import type { ServerFrame } from '#shared/protocol/socket-frame.ts'

/** What the senders put on the wire, before any client heals it. */
export type Wire = {
  /** Sees a frame that the API took. */
  saw(frame: string): void
  /** Numbers that a subscription was never sent though a later one was: must be 0. */
  gaps(): number
  /** Events that a subscription was sent again: after a post whose answer got lost, and by a writer that took over. */
  repeats(): number
}

/** Follows every subscription: its events must come without a gap, whatever happens to its writers. */
export function wireObserver(): Wire {
  const sent = new Map<string, number>()
  let [gaps, repeats] = [0, 0]
  return {
    saw(text) {
      const frame: ServerFrame = JSON.parse(text)
      if (frame.message_type === 'subscription_confirmed') sent.set(frame.payload.subscription, frame.payload.after)
      if (frame.message_type !== 'realtime_event') return
      const { subscription, events } = frame.payload
      for (const event of events) {
        const last = sent.get(subscription) ?? -1
        const first = 'executionId' in event ? (event.from ?? event.sequence) : event.sequence
        if (first > last + 1) gaps += 1
        if (event.sequence <= last) repeats += 1
        sent.set(subscription, Math.max(last, event.sequence))
      }
    },
    gaps: () => gaps,
    repeats: () => repeats,
  }
}
