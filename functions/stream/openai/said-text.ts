import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import type { FeedBatch } from '#shared/streams/run-feed.ts'

/** The text of a stream for a client to which nothing can be said twice, and from which nothing can be taken back. */
export type SaidText = {
  /** What is new in a batch. @returns undefined when the stream takes back what was told already (protocol, "Streams and cursors", rule 3) */
  next(batch: FeedBatch): string | undefined
}

export function saidText(): SaidText {
  /** Lengths of the kept chunks, by their sequence. */
  let chunks: { sequence: number; length: number }[] = []
  let kept = 0
  let ahead = 0
  let told = 0

  /** What of a text that begins at `from` was not told yet. */
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
