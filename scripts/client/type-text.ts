/** The part of JSON Schema that zod writes for the protocol. */
export type JsonSchema = {
  $ref?: string
  const?: unknown
  enum?: unknown[]
  type?: string
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  items?: JsonSchema | false
  prefixItems?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
  not?: JsonSchema
}

const PLAIN: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
}

/**
 * What a JSON Schema allows, as the text of a TypeScript type. Zod writes "any JSON" as a schema that refers to itself, the only one
 * that does: it becomes `Json`.
 */
export function typeText(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return 'Json'
  if (schema.not) return 'never'
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives) return `(${alternatives.map(typeText).join(' | ')})`
  if (schema.allOf) return schema.allOf.map(typeText).join(' & ')
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeText).join(', ')}]`
  if (schema.type === 'array') return `(${typeText(schema.items || {})})[]`
  if (schema.type === 'object') return objectText(schema)
  return PLAIN[schema.type ?? ''] ?? 'unknown'
}

function objectText({ properties = {}, required = [], additionalProperties }: JsonSchema): string {
  const known = Object.entries(properties).map(([name, schema]) =>
    required.includes(name)
      ? `${JSON.stringify(name)}: ${typeText(schema)}`
      : `${JSON.stringify(name)}?: ${typeText(schema)} | undefined`,
  )
  // `true` and `{}` let fields be added that nobody knows: they need no name here.
  const isRecord = typeof additionalProperties === 'object' && known.length === 0
  const rest = isRecord ? [`[name: string]: ${typeText(additionalProperties)}`] : []
  return `{ ${[...known, ...rest].join('; ')} }`
}
