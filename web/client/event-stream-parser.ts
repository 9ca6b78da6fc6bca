/** One event of a `text/event-stream`. */
export interface ServerSentEvent {
  /** `message` when the stream names none. */
  event: string
  data: string
}

const LINE_BREAK = /\r\n|\n|\r/

/**
 * Reads Server-Sent Events from bytes that may be cut anywhere. Comments and fields it does not need are dropped, and so is an event
 * that a lost connection left unfinished.
 *
 * @returns takes the next bytes, gives the events that are complete with them
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createEventStreamParser(): (bytes: Uint8Array) => ServerSentEvent[] {
  const decoder = new TextDecoder()
  let unfinished = ''
  let afterReturn = false
  let event = ''
  let data: string[] = []

  return (bytes) => {
    let text = decoder.decode(bytes, { stream: true })
    if (text === '') return []
    // The other half of a line break that was cut in two.
    if (afterReturn && text.startsWith('\n')) text = text.slice(1)
    afterReturn = text === '' ? false : text.endsWith('\r')
    const lines = (unfinished + text).split(LINE_BREAK)
    unfinished = lines.pop() ?? ''
    const events: ServerSentEvent[] = []
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) events.push({ event: event || 'message', data: data.join('\n') })
        event = ''
        data = []
        continue
      }
      const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      if (name === 'event') event = value
      else if (name === 'data') data.push(value)
    }
    return events
  }
}
