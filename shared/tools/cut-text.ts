/**
 * A text of no more bytes of UTF-8 than allowed: its beginning, and a last line that says how much was left out. No character is cut in two.
 *
 * @param maxBytes - at least 64, so that the last line has room
 */
export function cutText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  // As long as the line can become: the numbers are not known before the cut.
  const room = maxBytes - Buffer.byteLength(note(bytes.length, bytes.length))
  const kept = beginning(bytes, room)
  return kept + note(bytes.length - Buffer.byteLength(kept), bytes.length)
}

const note = (left: number, all: number): string => `\n[cut: ${left} of ${all} bytes are left out]`

function beginning(bytes: Buffer, maxBytes: number): string {
  let end = Math.max(0, maxBytes)
  // Bytes that go on with a character begin with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1
  return bytes.toString('utf8', 0, end)
}
