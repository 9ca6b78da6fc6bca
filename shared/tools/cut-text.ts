/**
 * Shortens a text to at most so many bytes of UTF-8, never inside a character. The last line then says how much was left out.
 *
 * @param maxBytes - at least 64, so that the last line has room
 */
export function cutText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  // Reserve the longest possible note: its numbers are not known before the cut.
  const room = maxBytes - Buffer.byteLength(note(bytes.length, bytes.length))
  const kept = beginning(bytes, room)
  return kept + note(bytes.length - Buffer.byteLength(kept), bytes.length)
}

const note = (left: number, all: number): string => `\n[cut: ${left} of ${all} bytes are left out]`

function beginning(bytes: Buffer, maxBytes: number): string {
  let end = Math.max(0, maxBytes)
  // Continuation bytes of UTF-8 start with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1
  return bytes.toString('utf8', 0, end)
}
