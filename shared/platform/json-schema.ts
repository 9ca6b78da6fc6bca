import { dereference, type OutputUnit, type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema'
import type { FieldError } from '#shared/protocol/problem.ts'
import { ValidationError } from './errors.ts'
import { keywordsSchema } from './json-schema-keywords.ts'
import { isTimeUp, runWithin } from './run-within.ts'

/** Time to check one message, in milliseconds: `dispatch` has 30 s for ten messages. */
const TIME_LIMIT_MS = 250

const DEFAULT_DRAFT = 'https://json-schema.org/draft/2020-12/schema'
const DRAFTS: ReadonlyMap<unknown, SchemaDraft> = new Map([
  [DEFAULT_DRAFT, '2020-12'],
  ['https://json-schema.org/draft/2019-09/schema', '2019-09'],
  ['http://json-schema.org/draft-07/schema#', '7'],
  ['http://json-schema.org/draft-04/schema#', '4'],
])

/** Keywords whose error only says that a subschema has errors, which are told themselves. */
const WRAPPERS = new Set([
  ...['$ref', 'allOf', 'properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties'],
  ...['propertyNames', 'dependentSchemas', 'items', 'prefixItems', 'additionalItems', 'unevaluatedItems'],
])

/** Throws ValidationError, with the path and the reason, when the `data` of a message does not satisfy the schema. */
export type DataCheck = (data: unknown) => void

/**
 * A check out of a JSON Schema. Whatever the schema says, checking ends after a quarter of a second: patterns that backtrack and schemas that refer to
 * themselves refuse a message, and hold up nobody.
 *
 * @param options.tellAll - look for everything that is wrong, instead of the first thing
 * @throws ValidationError when it is no JSON Schema, or one that refers to other documents
 */
export function compileJsonSchema(schema: Record<string, unknown>, { tellAll = false }: { tellAll?: boolean } = {}): DataCheck {
  const draft = DRAFTS.get(schema.$schema ?? DEFAULT_DRAFT)
  if (!draft) throw notASchema([{ path: 'schema.$schema', message: `use one of ${[...DRAFTS.keys()].join(', ')}` }])
  // A copy: the interpreter writes its addresses into it.
  const root: Schema = structuredClone(schema)
  const errors = errorsOf(subschemasOf(root))
  if (errors.length > 0) throw notASchema(errors)
  const validator = new Validator(root, draft, !tellAll)
  return (data) => {
    const { valid, errors } = validateInTime(validator, data)
    if (!valid) throw invalidData(errors)
  }
}

/** @returns all schemas in a schema by their addresses, itself included */
function subschemasOf(root: Schema): Record<string, Schema | boolean> {
  try {
    return dereference(root)
  } catch {
    throw notASchema([{ path: 'schema', message: 'an "$id", "$anchor" or "$ref" is not valid, or taken twice' }])
  }
}

const errorsOf = (all: Record<string, Schema | boolean>): FieldError[] =>
  Object.entries(all).flatMap(([address, schema]) => {
    if (typeof schema === 'boolean') return []
    const at = ['schema', ...namesIn(address)]
    const { $ref, __absolute_ref__: target } = schema
    if (target !== undefined && !Object.hasOwn(all, target)) {
      return [{ path: [...at, '$ref'].join('.'), message: `"${$ref}" is not in this document` }]
    }
    const issues = keywordsSchema.safeParse(schema).error?.issues ?? []
    return issues.map(({ path, message }) => ({ path: [...at, ...path].join('.'), message }))
  })

function validateInTime(validator: Validator, data: unknown) {
  try {
    return runWithin(TIME_LIMIT_MS, () => validator.validate(data))
  } catch (error) {
    const reason = isTimeUp(error) ? `takes longer than ${TIME_LIMIT_MS} ms` : 'never ends, or cannot be done'
    throw new ValidationError(`the data is not valid: checking it against its schema ${reason}`)
  }
}

function invalidData(units: OutputUnit[]): ValidationError {
  const fields = units
    .filter(({ keyword }) => !WRAPPERS.has(keyword))
    .map(({ instanceLocation, keyword, error }) => ({
      path: ['data', ...namesIn(instanceLocation)].join('.'),
      message: keyword === 'false' ? 'is not allowed here' : error,
    }))
  const [first] = fields
  return new ValidationError(`the message does not fit the schema of its topic: "${first?.path}": ${first?.message}`, fields)
}

function notASchema(fields: FieldError[]): ValidationError {
  const [first] = fields
  return new ValidationError(`"schema" is not a JSON Schema that can be used: "${first?.path}": ${first?.message}`, fields)
}

/** Names in the fragment of an address, a JSON Pointer (RFC 6901) that may stand in a URI. */
const namesIn = (address: string): string[] =>
  (address.split('#')[1] ?? '')
    .split('/')
    .slice(1)
    .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'))
