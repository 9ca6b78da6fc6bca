/** What a text says in JSON; undefined where it is none. For readers that say in their own words what they expected, and quote nothing. */
export function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
