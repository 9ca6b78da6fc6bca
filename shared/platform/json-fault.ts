/** Longest key of an object, in UTF-16 code units. */
const MAX_KEY_LENGTH = 1_024

/**
 * What is wrong with a value that `JSON.parse` made, and that no two programs read alike: a number that became infinite, text that is no Unicode
 * (it changes when it is stored), a key that a careless merge would take for the prototype. Of a key that stands twice the last one
 * counts, as ECMAScript says; nothing sees the first.
 *
 * @returns undefined where nothing is wrong
 */
export function jsonFault(value: unknown): string | undefined {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'number' && !Number.isFinite(next)) return 'has a number that is too large'
    if (typeof next === 'string' && !next.isWellFormed()) return 'has text that is not Unicode'
    if (typeof next !== 'object' || next === null) continue
    if (!Array.isArray(next)) {
      for (const key of Object.keys(next)) {
        if (key === '__proto__') return 'has a key "__proto__"'
        if (key.length > MAX_KEY_LENGTH) return `has a key of more than ${MAX_KEY_LENGTH} characters`
        if (!key.isWellFormed()) return 'has text that is not Unicode'
      }
    }
    for (const member of Object.values(next)) open.push(member)
  }
  return undefined
}
