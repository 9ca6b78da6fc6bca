import type * as z from 'zod'
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

/**
 * Deepest JSON that is accepted. DynamoDB stores 32 levels, of which two are ours; and whatever walks a value recursively would
 * meet the end of the stack.
 */
const MAX_JSON_DEPTH = 30

/**
 * Parses a JSON text.
 *
 * @throws ValidationError when the text is not JSON, or nested too deeply
 */
export function parseJson(text: string, what: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ValidationError(`the ${what} is not JSON`)
  }
  if (isDeeperThan(value, MAX_JSON_DEPTH)) throw new ValidationError(`the ${what} is nested deeper than ${MAX_JSON_DEPTH} levels`)
  return value
}

/** Goes down level by level, without recursion. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let level = [value].filter(isContainer)
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === levels) return true
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return false
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null
