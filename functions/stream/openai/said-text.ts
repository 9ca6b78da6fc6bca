import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { FeedBatch } from '#shared/streams/run-feed.ts'

/** The text of a stream for a protocol without corrections: nothing is sent twice, and nothing can be taken back. */
export type SaidText = {
  /** The new text of a batch. @returns undefined when the stream takes back text that was sent already (protocol, "Streams and cursors", rule 3) */
  next(batch: FeedBatch): string | undefined
}

export function saidText(): SaidText {
  /** Lengths of the kept chunks, by their sequence. */
  let chunks: { sequence: number; length: number }[] = []
  let kept = 0
  let ahead = 0
  let told = 0

  /** The part of a text starting at position `from` that was not sent yet. */
  function untold(from: number, text: string): string {
    const end = from + text.length
    if (end <= told) return ''
    const rest = text.slice(Math.max(0, told - from))
    told = end
    return rest
  }

  function apply(event: StreamEvent): string {
    if (event.type === 'content_chunk') {
      const { text } = event.data
      chunks.push({ sequence: event.sequence, length: text.length })
      kept += text.length
      return untold(kept - text.length, text)
    }
    if (event.type === 'retrying') {
      const { resumeFrom } = event.data
      chunks = chunks.filter(({ sequence }) => sequence <= resumeFrom)
      kept = chunks.reduce((sum, { length }) => sum + length, 0)
    }
    return ''
  }

  return {
    next({ events, preview }) {
      // Events replace all previews before them.
      if (events.length > 0) ahead = 0
      let news = ''
      for (const event of events) {
        news += apply(event)
        if (event.type === 'retrying' && kept < told) return undefined
      }
      news += untold(kept + ahead, preview)
      ahead += preview.length
      return news
    },
  }
}
