/**
 * Size of a DynamoDB item in bytes, as it is billed: names and values in UTF-8.
 *
 * @param item - as the document client shows it
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: Record<string, unknown>): number {
  return Object.entries(item)
    .filter(([, value]) => value !== undefined)
    .reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0)
}

function valueSize(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value === 'number') return numberSize(value)
  if (value === null || typeof value === 'boolean') return 1
  if (value instanceof Uint8Array) return value.byteLength
  // A list or a map has an overhead of 3 bytes, and each element one more.
  if (Array.isArray(value)) return value.reduce((sum: number, element) => sum + 1 + valueSize(element), 3)
  if (typeof value === 'object') return 3 + Object.keys(value).length + itemSize({ ...value })
  throw new TypeError(`no size is known for a ${typeof value}`)
}

/** A byte for two significant digits, one for the exponent, and one for a minus sign. */
function numberSize(value: number): number {
  const [mantissa = ''] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '').length
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0)
}
