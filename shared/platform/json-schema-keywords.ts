import * as z from 'zod'

/** Longest regular expression, in UTF-16 code units. */
const MAX_PATTERN_LENGTH = 256

const typeSchema = z.enum(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'])
const countSchema = z.int().nonnegative()
const namesSchema = z.array(z.string())
const patternSchema = z.string().max(MAX_PATTERN_LENGTH).refine(isRegularExpression, 'is not a regular expression')
/** Not looked into: every subschema is checked by itself. */
const subschema = z.union([z.boolean(), z.looseObject({})])
const subschemas = z.array(subschema).min(1)
const unsupported = z.never('is not supported')

/** The keywords of one JSON Schema, without what stands in its subschemas. Unknown keywords are annotations. */
export const keywordsSchema = z
  .looseObject({
    $ref: z.string(),
    $dynamicRef: unsupported,
    $recursiveRef: unsupported,
    type: z.union([typeSchema, z.array(typeSchema).min(1)]),
    enum: z.array(z.unknown()),
    format: z.string(),
    pattern: patternSchema,
    minLength: countSchema,
    maxLength: countSchema,
    minimum: z.number(),
    maximum: z.number(),
    exclusiveMinimum: z.union([z.number(), z.boolean()]),
    exclusiveMaximum: z.union([z.number(), z.boolean()]),
    multipleOf: z.number().positive(),
    required: namesSchema,
    properties: z.record(z.string(), subschema),
    patternProperties: z.record(patternSchema, subschema),
    additionalProperties: subschema,
    unevaluatedProperties: subschema,
    propertyNames: subschema,
    minProperties: countSchema,
    maxProperties: countSchema,
    dependentRequired: z.record(z.string(), namesSchema),
    dependentSchemas: z.record(z.string(), subschema),
    items: z.union([subschema, subschemas]),
    prefixItems: subschemas,
    additionalItems: subschema,
    unevaluatedItems: subschema,
    contains: subschema,
    minContains: countSchema,
    maxContains: countSchema,
    minItems: countSchema,
    maxItems: countSchema,
    uniqueItems: z.boolean(),
    allOf: subschemas,
    anyOf: subschemas,
    oneOf: subschemas,
    not: subschema,
    if: subschema,
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: subschema,
    else: subschema,
  })
  .partial()

function isRegularExpression(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u')
    return true
  } catch {
    return false
  }
}
