/** Zod writes "any JSON" as a schema that refers to itself, under a name of its own. */
const ANY_JSON = /__(schema\d+|shared)/

/** The same document with "any JSON" as JSON Schema writes it: `{}`. */
export function withAnyJson<Document extends object>(document: Document): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(document)
      .filter(([key]) => !ANY_JSON.test(key))
      .map(([key, value]) => [key, simplified(value)]),
  )
}

function simplified(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplified)
  if (typeof value !== 'object' || value === null) return value
  if ('$ref' in value && typeof value.$ref === 'string' && ANY_JSON.test(value.$ref)) return {}
  return withAnyJson(value)
}
