import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import { byReference } from './by-reference.ts'
import type { ChannelRef } from './channel-ref.ts'
import { packEvents } from './pack-events.ts'
import type { OutcomeReader } from './stream-outcome.ts'
import type { Subscription } from './subscription-store.ts'

export const encodeFrame = (frame: ServerFrame): string => JSON.stringify(frame)

/** An event as a frame can carry it. */
function carried(event: StreamEvent, ref: ChannelRef, room: number): { event: StreamEvent; bytes: number } {
  const bytes = Buffer.byteLength(JSON.stringify(event))
  if (event.type !== 'message' || bytes <= room) return { event, bytes }
  const reference = byReference(event, ref)
  return { event: reference, bytes: Buffer.byteLength(JSON.stringify(reference)) }
}

/** Text of a frame, and the sequence of the last event in it. */
export type EventFrame = { text: string; last: number }

/**
 * The next frame of a subscription, as its view has it: in `sluice.v1` as many of the events as fit, in every other view the first one.
 *
 * @param events - at least one, consecutive
 * @param outcome - asked where a view shows it with the terminal event
 */
export async function nextFrame(
  ref: ChannelRef,
  subscription: Subscription,
  events: StreamEvent[],
  outcome: OutcomeReader,
): Promise<EventFrame> {
  const fewer = subscription.packed ? packEvents(events) : events
  const [event] = fewer
  if (!subscription.view || !event) return eventFrame(ref, subscription, fewer)
  // Hardly any client has another view: what that takes is not loaded with every function.
  const { viewFrame } = await import('./view-frame.ts')
  return { text: await viewFrame(ref, subscription.view, event, outcome), last: event.sequence }
}

/** The next frame of `sluice.v1`: as many of the events as fit, at least one. */
export function eventFrame(ref: ChannelRef, subscription: Subscription, events: StreamEvent[]): EventFrame {
  const frame = (events: StreamEvent[]): string =>
    encodeFrame({
      message_type: 'realtime_event',
      payload: { channel: ref.channel, subscription: subscription.subscriptionId, events },
    })
  const fitting: StreamEvent[] = []
  const room = MAX_FRAME_BYTES - Buffer.byteLength(frame([]))
  let taken = 0
  for (const next of events) {
    const { event, bytes } = carried(next, ref, room)
    const comma = fitting.length > 0 ? 1 : 0
    taken += bytes + comma
    if (fitting.length > 0 && taken > room) break
    fitting.push(event)
  }
  return { text: frame(fitting), last: fitting.at(-1)?.sequence ?? -1 }
}

/** The `agent_response` to an `agent_request`: the terminal event in other words, with the text where it fits. */
export function responseFrame(terminal: ExecutionEvent, responseTo: string | undefined, text: string): string {
  const { data } = terminal
  if (!('sha256' in data)) throw new RangeError(`${terminal.type} is not a terminal event`)
  const frame = (output: { text: string } | undefined): string =>
    encodeFrame({
      message_type: 'agent_response',
      response_to: responseTo,
      payload: {
        executionId: terminal.executionId,
        agentId: terminal.agentId,
        status: terminal.type as 'completed' | 'failed' | 'timed_out' | 'cancelled',
        output,
        error: 'code' in data ? { code: data.code, detail: data.detail, provider: data.provider } : undefined,
        events: data.events,
        sha256: data.sha256,
      },
    })
  const whole = frame({ text })
  return Buffer.byteLength(whole) <= MAX_FRAME_BYTES ? whole : frame(undefined)
}
