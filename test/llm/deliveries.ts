/** How a body reaches the client: the pieces it reads, each in a read of its own. */
export type Delivery = { name: string; chunks: Uint8Array[] }

/** Besides whole and byte by byte, in two pieces: at every boundary, or only around the ends of lines and inside of characters. */
export type Splits = 'all' | 'ends'

const LINE_ENDS: ReadonlySet<number> = new Set(Buffer.from('\r\n'))

/** The same body in all the ways in which it is delivered. */
export function deliveriesOf(body: Uint8Array | string, splits: Splits): Delivery[] {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  if (bytes.length === 0) return [{ name: 'whole', chunks: [] }]
  const boundaries = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1)
  return [
    { name: 'whole', chunks: [bytes] },
    { name: 'byte by byte', chunks: Array.from(bytes, (byte) => Uint8Array.of(byte)) },
    ...boundaries
      .filter((at) => splits === 'all' || isEnd(bytes, at))
      .map((at) => ({ name: `split at ${at}`, chunks: [bytes.subarray(0, at), bytes.subarray(at)] })),
  ]
}

/** Whether one of the bytes beside the boundary ends a line, or the boundary is inside of a character. */
function isEnd(bytes: Uint8Array, at: number): boolean {
  const [before = 0, after = 0] = bytes.subarray(at - 1, at + 1)
  return LINE_ENDS.has(before) || LINE_ENDS.has(after) || (after & 0xc0) === 0x80
}
