import type { PublishMessage } from '#shared/protocol/envelope.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { UsageError } from './errors.ts'

/** Most messages of one call. */
const MAX_MESSAGES = 100
/** What a body has besides its messages, and what stands between them, in bytes. */
const FRAME_BYTES = 1_024

/**
 * Messages out of lines of JSON (JSON Lines); each line is the data of one. Empty lines are left out.
 *
 * @throws UsageError naming the line that is no JSON
 */
export function parseMessageLines(text: string): PublishMessage[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [{ data: JSON.parse(line) }]
    } catch {
      throw new UsageError(`line ${index + 1} is not JSON`, 'write one JSON a line: {"content":"Hello"}')
    }
  })
}

/** The messages in as few batches as one call takes each. */
export function toBatches(messages: readonly PublishMessage[]): PublishMessage[][] {
  const batches: PublishMessage[][] = []
  let bytes = 0
  for (const message of messages) {
    const size = Buffer.byteLength(JSON.stringify(message)) + 1
    const batch = batches.at(-1)
    if (batch && batch.length < MAX_MESSAGES && bytes + size <= MAX_REFERENCED_BYTES - FRAME_BYTES) {
      batch.push(message)
      bytes += size
    } else {
      batches.push([message])
      bytes = size
    }
  }
  return batches
}
