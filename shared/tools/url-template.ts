import { ValidationError } from '#shared/platform/errors.ts'

/** An address with places for arguments, such as `https://api.example.com/users/{id}?expand={expand}`. */
export type UrlTemplate = {
  /** Names of the arguments in the path; a call needs all of them. */
  path: readonly string[]
  /** Names of the arguments in the query; if one is missing, its `name=value` pair is left out. */
  query: readonly string[]
  /**
   * The address of one call. Its origin is always that of the template, and no argument adds a segment to the path, or takes one away.
   *
   * @throws ValidationError for an argument that is not allowed in its place
   */
  fill(values: Readonly<Record<string, unknown>>): URL
}

/** Scheme, host and port, without arguments; then the path and the query. */
const SHAPE = /^(https?:\/\/[^/?#{}\\\s@]+)(\/[^?#\\\s]*)?(\?[^#\\\s]*)?$/i
const ARGUMENT = /\{([^{}]*)\}/g
const ARGUMENT_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/
/** Encoded dots and slashes: dangerous if something on the way decodes twice. */
const ENCODED_STEP = /%(?:2e|2f|5c)/i

/** @throws ValidationError for an invalid template */
export function urlTemplate(template: string): UrlTemplate {
  const [, origin = '', path = '/', search = ''] = SHAPE.exec(template) ?? []
  if (!URL.canParse(origin)) throw wrong('write scheme and host as they are, and arguments as {name} in the path or the query')
  if (/[{}]/.test((path + search).replaceAll(ARGUMENT, ''))) throw wrong('a brace has no partner')
  const names = { path: argumentsIn(path), query: argumentsIn(search) }
  const pairs = search.slice(1).split('&').filter(Boolean)
  return {
    ...names,
    fill(values) {
      const filled = path
        .split('/')
        .map((segment) => fillSegment(segment, values))
        .join('/')
      const query = pairs.filter((pair) => argumentsIn(pair).every((name) => isGiven(values[name])))
      const url = new URL(`${origin}${filled}`)
      url.search = query
        .map((pair) => pair.replaceAll(ARGUMENT, (_, name) => encodeURIComponent(textOf(name, values[name]))))
        .join('&')
      return url
    },
  }
}

function argumentsIn(part: string): string[] {
  const names = [...part.matchAll(ARGUMENT)].map(([, name = '']) => name)
  const bad = names.find((name) => !ARGUMENT_NAME.test(name))
  if (bad !== undefined) throw wrong(`"{${bad}}" is no name of an argument`)
  return [...new Set(names)]
}

function fillSegment(segment: string, values: Readonly<Record<string, unknown>>): string {
  if (!segment.includes('{')) return segment
  const filled = segment.replaceAll(ARGUMENT, (_, name) => encodeURIComponent(pathText(name, values[name])))
  // Encoding leaves dots alone, and the segments `.` and `..` change the path.
  if (/^\.{1,2}$/.test(filled)) throw new ValidationError(`the path must not have the segment "${filled}"`)
  return filled
}

function pathText(name: string, value: unknown): string {
  const text = textOf(name, value)
  if (text === '') throw new ValidationError(`"${name}" must not be empty`)
  if (ENCODED_STEP.test(text) || text.split(/[/\\]/).some((part) => part === '.' || part === '..'))
    throw new ValidationError(`"${name}" must not lead to another path`)
  return text
}

/** @throws ValidationError unless it is a single value whose text is allowed in an address */
function textOf(name: string, value: unknown): string {
  if (!isGiven(value) || typeof value === 'object') throw new ValidationError(`"${name}" must be a text, a number or a boolean`)
  const text = String(value)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(text) || !text.isWellFormed())
    throw new ValidationError(`"${name}" has characters that no address can have`)
  return text
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null

const wrong = (reason: string): ValidationError => new ValidationError(`its address cannot be used: ${reason}`)
