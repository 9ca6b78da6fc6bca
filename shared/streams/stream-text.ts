import { sha256 } from '#shared/platform/sha256.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'

/** The kept text of a stream: chunks in order, less what `retrying` took back (protocol, "Streams and cursors", rule 3). */
export class StreamText {
  #chunks: { sequence: number; text: string }[] = []

  apply(event: StreamEvent): void {
    if (event.type === 'content_chunk') this.#chunks.push({ sequence: event.sequence, text: event.data.text })
    if (event.type === 'retrying') {
      const { resumeFrom } = event.data
      this.#chunks = this.#chunks.filter((chunk) => chunk.sequence <= resumeFrom)
    }
  }

  get text(): string {
    return this.#chunks.map((chunk) => chunk.text).join('')
  }
}

/** Lower-case hex SHA-256 of a text in UTF-8: the proof in a terminal event. */
export const textDigest = (text: string): string => sha256(text)
