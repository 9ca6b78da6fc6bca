/**
 * Finds the JSON in an answer: the whole text, the content of a Markdown fence, or the first object or list that can be parsed. Models put words
 * around JSON even when they are asked not to.
 *
 * @returns undefined when there is none
 */
export function jsonInText(text: string): { value: unknown } | undefined {
  const trimmed = text.trim()
  return parsed(trimmed) ?? fenced(trimmed) ?? embedded(trimmed)
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

const FENCE = '```'

function fenced(text: string): { value: unknown } | undefined {
  const parts = text.split(FENCE)
  for (let index = 1; index < parts.length; index += 2) {
    const found = parsed((parts[index] ?? '').replace(/^[a-zA-Z0-9]*\s/, '').trim())
    if (found) return found
  }
  return undefined
}

/** Most opening brackets that are tried before giving up. */
const MAX_BEGINNINGS = 20

function embedded(text: string): { value: unknown } | undefined {
  let from = 0
  for (let tries = 0; tries < MAX_BEGINNINGS; tries++) {
    const begin = text.slice(from).search(/[[{]/)
    if (begin === -1) return undefined
    const end = endOfValue(text, from + begin)
    const found = end === undefined ? undefined : parsed(text.slice(from + begin, end))
    if (found) return found
    from += begin + 1
  }
  return undefined
}

/** The position after the bracket that closes the one at `begin`, ignoring brackets in strings; one pass. */
function endOfValue(text: string, begin: number): number | undefined {
  let depth = 0
  let isString = false
  for (let index = begin; index < text.length; index++) {
    const character = text[index]
    if (isString) {
      if (character === '\\') index++
      else if (character === '"') isString = false
    } else if (character === '"') isString = true
    else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return index + 1
  }
  return undefined
}
