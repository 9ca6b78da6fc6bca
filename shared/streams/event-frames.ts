import { parseChannel } from '#shared/protocol/channel.ts'
import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { Subscription } from './subscription-store.ts'

export const encodeFrame = (frame: ServerFrame): string => JSON.stringify(frame)

/** Path under the front door where one event of a topic can be read, whatever its size. */
const topicEventPath = (topic: string, sequence: number): string =>
  `/v1/topics/${encodeURIComponent(topic)}/events?after=${sequence - 1}&limit=1`

/** An event as a frame can carry it: a message that is too large leaves its data where it can be read. */
function carried(event: StreamEvent, ref: ChannelRef, room: number): { event: StreamEvent; bytes: number } {
  const bytes = Buffer.byteLength(JSON.stringify(event))
  if (event.type !== 'message' || bytes <= room) return { event, bytes }
  const dataref = topicEventPath(parseChannel(ref.channel).id, event.sequence)
  const reference = { ...event, data: { ...event.data, data: null, dataref } }
  return { event: reference, bytes: Buffer.byteLength(JSON.stringify(reference)) }
}

/**
 * The next frame of a subscription: as many of the events as fit, at least one.
 *
 * @returns the frame's text, and the sequence of its last event
 */
export function eventFrame(ref: ChannelRef, subscription: Subscription, events: StreamEvent[]): { text: string; last: number } {
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
        error: 'code' in data ? { code: data.code, detail: data.detail } : undefined,
        events: data.events,
        sha256: data.sha256,
      },
    })
  const whole = frame({ text })
  return Buffer.byteLength(whole) <= MAX_FRAME_BYTES ? whole : frame(undefined)
}
