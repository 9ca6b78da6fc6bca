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
 * Parses a JSON text.
 *
 * @throws ValidationError when the text is not JSON
 */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ValidationError(`the ${what} is not JSON`)
  }
}
