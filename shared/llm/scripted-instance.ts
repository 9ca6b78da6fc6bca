import type { JsonSchema } from './llm-provider.ts'

/** Down to which depth optional parts are generated: a schema may contain itself. */
const MAX_DEPTH = 6

/**
 * Generates an instance of a JSON Schema, always the same for the same prompt: of an enum the value that the prompt names, or the first; all
 * properties; as few array elements as allowed, but at least one. Patterns, `not` and conditions are ignored: such a schema should have an example.
 */
export function scriptedInstance(schema: JsonSchema, prompt: string): unknown {
  return instance(schema, { root: schema, prompt, name: 'answer', depth: 0 })
}

type Place = { root: JsonSchema; prompt: string; name: string; depth: number }

function instance(schema: JsonSchema, place: Place): unknown {
  if ('const' in schema) return schema.const
  if (Array.isArray(schema.enum)) return choice(schema.enum, place.prompt)
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0]
  if ('default' in schema) return schema.default
  const deeper = { ...place, depth: place.depth + 1 }
  if (typeof schema.$ref === 'string') return instance(referred(place.root, schema.$ref), deeper)
  const [alternative] = schemas(schema.anyOf ?? schema.oneOf)
  if (alternative) return instance({ ...without(schema), ...alternative }, deeper)
  if (Array.isArray(schema.allOf)) return instance(merged([without(schema), ...schemas(schema.allOf)], place.root), deeper)
  switch (typeOf(schema)) {
    case 'object':
      return objectOf(schema, deeper)
    case 'array':
      return arrayOf(schema, deeper)
    case 'integer':
      return Math.ceil(numberOf(schema))
    case 'number':
      return numberOf(schema)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return stringOf(schema, place)
  }
}

function typeOf(schema: JsonSchema): unknown {
  if (schema.type === undefined && schema.properties !== undefined) return 'object'
  return Array.isArray(schema.type) ? schema.type[0] : schema.type
}

function objectOf(schema: JsonSchema, place: Place): object {
  const required = Array.isArray(schema.required) ? schema.required : []
  const properties = Object.entries(isSchema(schema.properties) ? schema.properties : {})
  const wanted = properties.filter(([name]) => place.depth < MAX_DEPTH || required.includes(name))
  return Object.fromEntries(wanted.map(([name, of]) => [name, instance(isSchema(of) ? of : {}, { ...place, name })]))
}

function arrayOf(schema: JsonSchema, place: Place): unknown[] {
  const fixed = schemas(schema.prefixItems)
  const least = Math.max(numeric(schema.minItems) ?? 0, place.depth < MAX_DEPTH ? 1 : 0)
  const length = Math.min(Math.max(fixed.length, least), numeric(schema.maxItems) ?? Number.POSITIVE_INFINITY)
  const items = isSchema(schema.items) ? schema.items : {}
  return Array.from({ length }, (_, index) => {
    const value = instance(fixed[index] ?? items, place)
    return schema.uniqueItems === true && typeof value === 'string' && index > 0 ? `${value} ${index + 1}` : value
  })
}

function numberOf(schema: JsonSchema): number {
  const above = numeric(schema.exclusiveMinimum)
  const below = numeric(schema.exclusiveMaximum)
  const lowest = numeric(schema.minimum) ?? (above === undefined ? undefined : above + 1)
  const highest = numeric(schema.maximum) ?? (below === undefined ? undefined : below - 1)
  const step = numeric(schema.multipleOf) ?? 1
  const value = Math.max(lowest ?? 1, Math.min(1, highest ?? 1))
  const stepped = Math.ceil(value / step) * step
  // Between two close bounds there may be no multiple of the step.
  return highest !== undefined && stepped > highest ? highest : stepped
}

const FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['date', '2026-01-31'],
  ['date-time', '2026-01-31T12:00:00Z'],
  ['time', '12:00:00Z'],
  ['email', 'somebody@example.com'],
  ['uri', 'https://example.com/'],
  ['uuid', '00000000-0000-4000-8000-000000000000'],
])

function stringOf(schema: JsonSchema, { name, prompt }: Place): string {
  const formatted = FORMATS.get(schema.format)
  if (formatted !== undefined) return formatted
  const text = `${name} of: ${prompt.slice(0, 80)}`
  return text.padEnd(numeric(schema.minLength) ?? 0, '.').slice(0, numeric(schema.maxLength) ?? text.length + 10_000)
}

/** The value that occurs in the prompt, or the first. */
function choice(values: readonly unknown[], prompt: string): unknown {
  return values.find((value) => typeof value === 'string' && value !== '' && prompt.includes(value)) ?? values[0]
}

/** Resolves references such as `#/$defs/name`, and `#`, the schema itself. */
function referred(root: JsonSchema, reference: string): JsonSchema {
  const names = reference.split('/').slice(1)
  const found = names.reduce<unknown>((at, name) => (isSchema(at) && Object.hasOwn(at, name) ? at[name] : undefined), root)
  return isSchema(found) ? found : {}
}

function merged(parts: JsonSchema[], root: JsonSchema): JsonSchema {
  const resolved = parts.map((part) => (typeof part.$ref === 'string' ? referred(root, part.$ref) : part))
  const properties = Object.assign({}, ...resolved.map((part) => part.properties ?? {}))
  const required = resolved.flatMap((part) => (Array.isArray(part.required) ? part.required : []))
  const some = Object.keys(properties).length > 0 && { properties }
  return { ...Object.assign({}, ...resolved), ...some, ...(required.length > 0 && { required }) }
}

function without({ anyOf, oneOf, allOf, ...rest }: JsonSchema): JsonSchema {
  return rest
}

const numeric = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value)
const schemas = (value: unknown): JsonSchema[] => (Array.isArray(value) ? value.filter(isSchema) : [])
