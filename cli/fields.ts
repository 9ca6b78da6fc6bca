import { UsageError } from './errors.ts'

/** Names that would reach into what every object has. */
const RESERVED = ['__proto__', 'prototype', 'constructor']

/**
 * Fields of a JSON object from `key=value` arguments: `llm.temperature=0.2` goes into `llm`, a value is JSON where it can be (`null`, `3`,
 * `["a"]`), and a text otherwise.
 *
 * @throws UsageError for an argument of another form
 */
export function readFields(args: readonly string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const argument of args) {
    const [, path = '', text = ''] = /^([^=\s]+)=(.*)$/s.exec(argument) ?? []
    const names = path.split('.')
    if (names.some((name) => name === '' || RESERVED.includes(name)))
      throw new UsageError(`"${argument}" is no field`, 'write key=value, such as llm.temperature=0.2, or description=null')
    put(fields, names, readValue(text))
  }
  return fields
}

function put(target: Record<string, unknown>, [name = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    target[name] = value
    return
  }
  const inner = target[name]
  const into = isObject(inner) ? inner : {}
  target[name] = into
  put(into, rest, value)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
