import type { StreamEvent } from '#shared/protocol/stream-event.ts'

const TYPE_WIDTH = 'content_chunk'.length

/** An event for a person: sequence, time of day (UTC), type, what it says. */
export function eventLine(event: StreamEvent): string {
  return `${String(event.sequence).padStart(4)}  ${event.time.slice(11, 23)}  ${event.type.padEnd(TYPE_WIDTH)}  ${gistOf(event)}`
}

function gistOf(event: StreamEvent): string {
  switch (event.type) {
    case 'message':
      // Too large for a frame: the message is at its reference.
      return `${event.data.id} ${event.data.dataref ?? JSON.stringify(event.data.data)}`
    case 'thinking':
    case 'content_chunk':
      return JSON.stringify(event.data.text)
    default:
      return JSON.stringify(event.data)
  }
}
