import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { Subscription } from './subscription-store.ts'

export const encodeFrame = (frame: ServerFrame): string => JSON.stringify(frame)

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
  let bytes = Buffer.byteLength(frame([]))
  for (const event of events) {
    const comma = fitting.length > 0 ? 1 : 0
    bytes += Buffer.byteLength(JSON.stringify(event)) + comma
    if (fitting.length > 0 && bytes > MAX_FRAME_BYTES) break
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
