import type * as z from 'zod'
import { hasMoreContainersThan, isDeeperThan } from '#shared/protocol/json-depth.ts'
import { ValidationError } from './errors.ts'
import { jsonFault } from './json-fault.ts'

/**
 * Parses foreign input.
 *
 * @param what - what is parsed, for the message: `request body`, `frame`
 * @throws ValidationError naming each rejected field
 */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const fields = issuesOf(result.error).map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  const [first] = fields
  const where = first?.path ? ` at "${first.path}"` : ''
  throw new ValidationError(`the ${what} is not valid${where}: ${first?.message}`, fields)
}

/** Of an input that may be one of several, the first is the usual one: what is wrong with it says more than that none fits. */
function issuesOf({ issues }: z.ZodError): z.core.$ZodIssue[] {
  const [issue] = issues
  return issue?.code === 'invalid_union' && issue.path.length === 0 && issue.errors[0] ? issue.errors[0] : issues
}

/** Deepest JSON that is accepted of a client: whatever walks a value recursively would meet the end of the stack. */
export const MAX_JSON_DEPTH = 30

/**
 * Most objects and lists in one text. In memory each takes many times what it takes as text, and a function has up to ten texts at once, of
 * different tenants.
 */
export const MAX_CONTAINERS = 100_000

/**
 * Parses a JSON text.
 *
 * @param maxDepth - levels of nesting. @default 30
 * @throws ValidationError when the text is not JSON, nested too deeply, has more than 100,000 objects and lists, or a {@link jsonFault}
 */
export function parseJson(text: string, what: string, maxDepth = MAX_JSON_DEPTH): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ValidationError(`the ${what} is not JSON`)
  }
  if (isDeeperThan(value, maxDepth)) throw new ValidationError(`the ${what} is nested deeper than ${maxDepth} levels`)
  if (hasMoreContainersThan(value, MAX_CONTAINERS))
    throw new ValidationError(`the ${what} has more than ${MAX_CONTAINERS} objects and lists`)
  const fault = jsonFault(value)
  if (fault !== undefined) throw new ValidationError(`the ${what} ${fault}`)
  return value
}
