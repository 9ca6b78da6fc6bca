import { ValidationError } from '#shared/platform/errors.ts'
import { compileJsonSchema } from '#shared/platform/json-schema.ts'
import type { FieldError } from '#shared/protocol/problem.ts'

/**
 * What is wrong with a JSON Schema of a definition, before the first answer meets it.
 *
 * @param path - of the schema in the definition
 * @returns nothing where it can be used
 */
export function wrongSchema(schema: Record<string, unknown>, path: string): FieldError[] {
  try {
    compileJsonSchema(schema)
    return []
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return (error.fields ?? []).map((field) => ({ ...field, path: field.path.replace(/^schema/, () => path) }))
  }
}
