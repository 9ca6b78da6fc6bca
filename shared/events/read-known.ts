import * as z from 'zod'

type Item = Record<string, unknown>

/**
 * Reads an item that a later version may have written, as far as this one knows it: attributes whose values are not known here are left out.
 *
 * @returns no value for an item that cannot be read without them; `unknown` names them
 * @throws ZodError when something is missing: no version has written that. What `read` throws
 */
export function readKnown<Value>(item: Item, read: (item: Item) => Value): { value?: Value; unknown: string[] } {
  try {
    return { value: read(item), unknown: [] }
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    const unknown = [...new Set(error.issues.map(({ path }) => String(path[0])))]
    if (!unknown.every((name) => Object.hasOwn(item, name))) throw error
    const known = Object.fromEntries(Object.entries(item).filter(([name]) => !unknown.includes(name)))
    return { ...readWhole(known, read), unknown }
  }
}

function readWhole<Value>(item: Item, read: (item: Item) => Value): { value?: Value } {
  try {
    return { value: read(item) }
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    return {}
  }
}
