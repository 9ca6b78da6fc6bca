import * as z from 'zod'
import type { JsonSchema } from './llm-provider.ts'

/** Keywords that OpenAI's strict mode supports. Source: OpenAI guide "Structured model outputs", "Supported schemas". */
const KEYWORDS: ReadonlySet<string> = new Set([
  'type',
  'title',
  'description',
  'enum',
  'const',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  '$defs',
  '$ref',
])

const objectSchema = z.record(z.string(), z.unknown())
const propertiesSchema = z.record(z.string(), objectSchema).default({})

const partsSchema = z.object({
  properties: propertiesSchema,
  required: z.array(z.string()).default([]),
  additionalProperties: z.unknown().optional(),
  items: objectSchema.optional(),
  anyOf: z.array(objectSchema).default([]),
  $defs: propertiesSchema,
})

/**
 * Whether OpenAI accepts the schema in strict mode, in which the model can write nothing else: the root is an object, every object lists all of
 * its properties as required and allows no others, and only supported keywords occur. Other schemas are sent without a guarantee.
 */
export function isStrictSchema(schema: JsonSchema): boolean {
  return schema.type === 'object' && isStrictPart(schema)
}

function isStrictPart(schema: JsonSchema): boolean {
  if (Object.keys(schema).some((keyword) => !KEYWORDS.has(keyword))) return false
  const parsed = partsSchema.safeParse(schema)
  if (!parsed.success) return false
  const { properties, required, additionalProperties, items, anyOf, $defs } = parsed.data
  if (schema.type === 'object' || schema.properties !== undefined) {
    if (additionalProperties !== false) return false
    if (Object.keys(properties).some((name) => !required.includes(name))) return false
  }
  const nested = [...Object.values(properties), ...Object.values($defs), ...anyOf, ...(items ? [items] : [])]
  return nested.every(isStrictPart)
}
