/** The same document in which the halves of an intersection let each other's fields in: zod closes each of them, and no value would fit both. */
export function withOpenIntersections(document: Record<string, unknown>): Record<string, unknown> {
  return opened(document, false)
}

/** @param within - it is a half of an intersection, or one of the choices of a half */
function opened(node: object, within: boolean): Record<string, unknown> {
  const entries = Object.entries(node).flatMap(([key, value]) => {
    if (within && key === 'additionalProperties' && value === false) return []
    // What stands in a property is whole by itself.
    return [[key, openedValue(value, key === 'allOf' || (within && (key === 'anyOf' || key === 'oneOf')))]]
  })
  return Object.fromEntries(entries)
}

function openedValue(value: unknown, within: boolean): unknown {
  if (Array.isArray(value)) return value.map((member) => openedValue(member, within))
  return typeof value === 'object' && value !== null ? opened(value, within) : value
}
