import { SluiceError, ValidationError } from '#shared/platform/errors.ts'

/** Values by the names of their variables. */
export type Variables = Readonly<Record<string, unknown>>

/** Longest rendered text, in UTF-16 code units: more than any model takes. */
export const MAX_RENDERED_LENGTH = 4_000_000

/**
 * `{name}` or `{name.of.a.part}`; `\{` and `\}` are literal braces. A name begins with a letter or `_`, so that the braces of JSON (`{"a": 1}`, `{}`), of
 * patterns (`{2,3}`) and of anything with a space in it are left alone.
 */
const PLACES = /\\(?<brace>[{}])|\{(?<path>[\p{L}_][\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_-]+)*)\}/gu

/**
 * Fills the variables of a template: strings as they are, anything else as JSON. Inserted values are not rendered again, so their own braces never become
 * variables.
 *
 * @param what - names the template in errors
 * @throws ValidationError naming every unknown variable, and the known ones; SluiceError `payload_too_large`
 */
export function renderTemplate(template: string, variables: Variables, what = 'the template'): string {
  const unknown = variablesIn(template).filter((path) => valueAt(variables, path) === undefined)
  if (unknown.length > 0) throw unknownVariables(what, unknown, Object.keys(variables))
  let length = template.length
  return template.replaceAll(PLACES, (...found) => {
    const { brace, path = '' }: { brace?: string; path?: string } = found.at(-1)
    const text = brace ?? asText(valueAt(variables, path))
    length += text.length
    if (length > MAX_RENDERED_LENGTH)
      throw new SluiceError('payload_too_large', `${what} becomes longer than ${MAX_RENDERED_LENGTH} characters`)
    return text
  })
}

/** The variables of a template, each once, as written: `name` or `name.of.a.part`. */
export const variablesIn = (template: string): string[] => [
  ...new Set([...template.matchAll(PLACES)].flatMap(({ groups }) => groups?.path ?? [])),
]

/** The value at a path, or undefined. Only own enumerable properties are found: no `constructor`, no `length`. */
function valueAt(variables: Variables, path: string): unknown {
  let value: unknown = variables
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !isGiven(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

const isGiven = (value: object, name: string): boolean => Object.prototype.propertyIsEnumerable.call(value, name)

const asText = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** Most names in an error, and the longest part of each: templates and inputs can have thousands. */
const MAX_TOLD = 50
const MAX_NAME = 64

function unknownVariables(what: string, unknown: string[], known: string[]): ValidationError {
  const many = unknown.length > 1 ? 'variables' : 'a variable'
  return new ValidationError(
    `${what} has ${many} that nobody knows: ${told(unknown)}; known: ${told(known.sort())}`,
    unknown.slice(0, MAX_TOLD).map((name) => ({ path: `variables.${shortened(name)}`, message: 'is not known' })),
  )
}

const shortened = (name: string): string => name.slice(0, MAX_NAME).toWellFormed()

function told(names: readonly string[]): string {
  const first = names.slice(0, MAX_TOLD).map((name) => `{${shortened(name)}}`)
  return first.join(', ') + (names.length > MAX_TOLD ? `, and ${names.length - MAX_TOLD} more` : '')
}
