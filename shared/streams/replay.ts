import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { answerRequest } from './answer-request.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import { nextFrame } from './event-frames.ts'
import type { StreamLog } from './stream-log.ts'
import { outcomeReader } from './stream-outcome.ts'
import type { Subscription, SubscriptionStore, ViewersRef } from './subscription-store.ts'

/** Events of one read while replaying. */
const PAGE = 200
/** The same where they leave packed: most streams are one page, and so the text so far is one event. */
const PACKED_PAGE = 1_000
/** Most events that are held at once, in order to pack them. */
const MOST_HELD = 5_000

/** What became of a frame: posted, or why there is no more to be posted. */
export type Delivery = 'sent' | 'gone' | 'expired' | 'behind'

export type ReplayRequest = {
  /** Where the subscription is kept. */
  place: ViewersRef
  subscription: Subscription
  /** The events behind this one are posted. */
  after: number
  deliver(frame: string): Promise<Delivery>
  signal: AbortSignal
}

/** Posts what the log holds behind a cursor until nothing is left, and hands over. */
export async function replay(
  { log, subscriptions, poster }: { log: StreamLog; subscriptions: SubscriptionStore; poster: ConnectionPoster },
  { place, subscription, after, deliver, signal }: ReplayRequest,
): Promise<'live' | 'replaced' | 'ended' | Exclude<Delivery, 'sent'>> {
  const outcome = outcomeReader(log, place)
  let cursor = after
  while (!signal.aborted) {
    let events = await readMore(log, place, cursor, subscription.packed)
    if (events.length === 0) {
      const handover = await subscriptions.goLive(place, subscription, cursor)
      if (handover !== 'behind') return handover
    }
    while (events.length > 0) {
      const frame = await nextFrame(place, subscription, events, outcome)
      const delivered = await deliver(frame.text)
      if (delivered !== 'sent') return delivered
      const last = events.find((event) => event.sequence === frame.last)
      cursor = frame.last
      events = events.filter((event) => event.sequence > cursor)
      if (last && isTerminalEvent(last)) {
        await answerRequest(poster, subscription, last, outcome, signal)
        return 'ended'
      }
    }
  }
  return 'behind'
}

/** The next page; to pack them, all pages up to a bound, so that no text is sent that a later page takes back. */
async function readMore(log: StreamLog, ref: ViewersRef, after: number, packed = false): Promise<StreamEvent[]> {
  if (!packed) return log.read(ref, after, PAGE)
  const events: StreamEvent[] = []
  let page: StreamEvent[]
  do {
    page = await log.read(ref, events.at(-1)?.sequence ?? after, PACKED_PAGE)
    events.push(...page)
  } while (page.length >= PACKED_PAGE && events.length < MOST_HELD)
  return events
}
