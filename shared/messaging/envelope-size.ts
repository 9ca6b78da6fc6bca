import type { Envelope } from '#shared/protocol/envelope.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'

/**
 * Whether an envelope is larger than a message may be. Every door measures the same text, so what one door accepted no later step
 * refuses.
 */
export function isTooLarge(envelope: Envelope): boolean {
  return Buffer.byteLength(JSON.stringify(envelope)) > MAX_MESSAGE_BYTES
}
