/** What the page reads of an OpenAPI 3.1 document; the rest is left alone. */
export interface OpenApiDocument {
  paths: Record<string, Record<string, OperationObject>>
  components: { schemas: Record<string, SchemaObject> }
}

export interface OperationObject {
  operationId: string
  summary: string
  description?: string
  tags: string[]
  parameters?: ParameterObject[]
  requestBody?: { required?: boolean; content: Record<string, { schema: SchemaObject }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: SchemaObject }> }>
}

export interface ParameterObject {
  in: 'path' | 'query' | 'header'
  name: string
  required?: boolean
  description?: string
  schema: SchemaObject
}

export interface SchemaObject {
  $ref?: string
  type?: string | string[]
  description?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  examples?: unknown[]
  pattern?: string
  format?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  properties?: Record<string, SchemaObject>
  required?: string[]
  additionalProperties?: boolean | SchemaObject
  items?: SchemaObject
  anyOf?: SchemaObject[]
  oneOf?: SchemaObject[]
  allOf?: SchemaObject[]
}

/** One operation, with where it is. */
export interface Operation extends OperationObject {
  method: string
  path: string
}

/** Operations of a chapter, in the order of the document. */
export interface Chapter {
  name: string
  operations: Operation[]
}

/**
 * Chapters with the operations that fit what is looked for: every word of it stands in the method, the path, the name or the summary. Chapters
 * without any are left out.
 */
export function chaptersOf(document: OpenApiDocument, search: string): Chapter[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const chapters = new Map<string, Operation[]>()
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const found: Operation = { ...operation, method: method.toUpperCase(), path }
      const text = [found.method, path, operation.operationId, operation.summary].join(' ').toLowerCase()
      if (!words.every((word) => text.includes(word))) continue
      const name = operation.tags[0] ?? 'Other'
      chapters.set(name, [...(chapters.get(name) ?? []), found])
    }
  }
  return [...chapters].map(([name, operations]) => ({ name, operations }))
}

/** The schema that a reference names, and the name; a schema without one as it is. */
export function resolve(document: OpenApiDocument, schema: SchemaObject): { name?: string; schema: SchemaObject } {
  const name = schema.$ref?.split('/').at(-1)
  if (name === undefined) return { schema }
  return { name, schema: document.components.schemas[name] ?? {} }
}

/** Levels of nesting that an example goes into: schemas may refer to themselves. */
const EXAMPLE_DEPTH = 6

/** A value that shows what is required, to begin with. */
export function exampleOf(document: OpenApiDocument, given: SchemaObject, depth = 0): unknown {
  const { schema } = resolve(document, given)
  if (schema.examples?.[0] !== undefined) return schema.examples[0]
  if (schema.default !== undefined) return schema.default
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const [first] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []
  if (first) return exampleOf(document, first, depth)
  if (schema.properties) {
    if (depth >= EXAMPLE_DEPTH) return {}
    const { properties, required = [] } = schema
    return Object.fromEntries(required.map((name) => [name, exampleOf(document, properties[name] ?? {}, depth + 1)]))
  }
  return emptyOf(schema, (items) => (depth < EXAMPLE_DEPTH ? exampleOf(document, items, depth + 1) : null))
}

function emptyOf({ type, minimum, minItems, items, format }: SchemaObject, itemOf: (items: SchemaObject) => unknown): unknown {
  switch (Array.isArray(type) ? type[0] : type) {
    case 'array':
      return minItems && items ? [itemOf(items)] : []
    case 'string':
      return format === 'date-time' ? new Date(0).toISOString() : ''
    case 'integer':
    case 'number':
      return minimum ?? 0
    case 'boolean':
      return false
    default:
      return {}
  }
}

/** Kind of a value in a few words: `string`, `integer, 1 to 100`, `"drain" or "cancel"`, `list of Agent`. */
export function kindOf(document: OpenApiDocument, given: SchemaObject): string {
  const { name, schema } = resolve(document, given)
  if (name !== undefined) return name
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return [...new Set(choices.map((choice) => kindOf(document, choice)))].join(' or ')
  if (schema.items) return `list of ${kindOf(document, schema.items)}${range(schema.minItems, schema.maxItems)}`
  const type = [schema.type ?? 'any JSON'].flat().join(' or ')
  if (schema.type === 'string') {
    const kind = schema.format ?? type
    return `${kind}${range(schema.minLength, schema.maxLength, ' characters')}`
  }
  return `${type}${range(schema.minimum, schema.maximum)}`
}

/** Bounds beyond this say nothing: they are those of the number's type. */
const TELLING = Number.MAX_SAFE_INTEGER

function range(from: number | undefined, to: number | undefined, unit = ''): string {
  const low = from !== undefined && from > -TELLING ? from : undefined
  const high = to !== undefined && to < TELLING ? to : undefined
  if (low !== undefined && high !== undefined) return `, ${low} to ${high}${unit}`
  if (high !== undefined) return `, at most ${high}${unit}`
  if (low !== undefined) return `, at least ${low}${unit}`
  return ''
}
