import type * as z from 'zod'
import { isDeeperThan } from '#shared/protocol/json-depth.ts'
import { ValidationError } from './errors.ts'

/**
 * Parses foreign input.
 *
 * @param what - what is parsed, for the message: `request body`, `frame`
 * @throws ValidationError naming each rejected field
 */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const fields = result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  const [first] = fields
  const where = first?.path ? ` at "${first.path}"` : ''
  throw new ValidationError(`the ${what} is not valid${where}: ${first?.message}`, fields)
}

/** Deepest JSON that is accepted of a client: whatever walks a value recursively would meet the end of the stack. */
const MAX_JSON_DEPTH = 30

/**
 * Parses a JSON text.
 *
 * @param maxDepth - levels of nesting. @default 30
 * @throws ValidationError when the text is not JSON, or nested too deeply
 */
export function parseJson(text: string, what: string, maxDepth = MAX_JSON_DEPTH): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ValidationError(`the ${what} is not JSON`)
  }
  if (isDeeperThan(value, maxDepth)) throw new ValidationError(`the ${what} is nested deeper than ${maxDepth} levels`)
  return value
}
