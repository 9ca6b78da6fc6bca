import * as z from 'zod'
import { DEFINITIONS, PUBLISHED, type PublishedName } from './catalogue.ts'

export type JsonSchema = Record<string, unknown>

/** Zod writes "any JSON" as a schema that refers to itself, under names of its own. */
const ANY_JSON = /__(schema\d+|shared)/

/**
 * One self-contained JSON Schema (2020-12). Schemas tell what a sender may write, so those of the server let fields be added: that is how
 * version 1 grows.
 */
export function publishedSchema(name: PublishedName): JsonSchema {
  const { schema, title } = PUBLISHED[name]
  return simplified({ title, ...z.toJSONSchema(schema, { io: 'input', metadata: DEFINITIONS }) })
}

/** Every definition as the specification of AsyncAPI takes it (draft 7), for its `components`. */
export function componentSchemas(): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(DEFINITIONS, {
    io: 'input',
    target: 'draft-7',
    uri: (id) => `#/components/schemas/${id}`,
  })
  const entries = Object.entries(schemas).filter(([id]) => !ANY_JSON.test(id))
  return Object.fromEntries(entries.map(([id, { $schema, $id, ...schema }]) => [id, simplified(schema)]))
}

/** The same schema with "any JSON" as JSON Schema writes it: `{}`. */
function simplified(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !ANY_JSON.test(key))
      .map(([key, value]) => [key, simplifiedValue(value)]),
  )
}

function simplifiedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplifiedValue)
  if (typeof value !== 'object' || value === null) return value
  if ('$ref' in value && typeof value.$ref === 'string' && ANY_JSON.test(value.$ref)) return {}
  return simplified({ ...value })
}
