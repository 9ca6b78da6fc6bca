import { SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { jsonFault } from '#shared/platform/json-fault.ts'
import { compileJsonSchema } from '#shared/platform/json-schema.ts'
import type { OutputSettings } from '#shared/protocol/agent-thought.ts'
import { isDeeperThan, MAX_DATA_DEPTH } from '#shared/protocol/json-depth.ts'
import type { FieldError } from '#shared/protocol/problem.ts'
import { jsonInText } from './json-in-text.ts'

/** Largest schema of an answer, in bytes of JSON, and how deep it may go: vendors take no more than this. */
export const MAX_SCHEMA_BYTES = 32_768
export const MAX_SCHEMA_DEPTH = 12
/** Most mistakes that a model is told at once. */
const MAX_TOLD = 10

export type CheckedOutput = { ok: true; value: unknown } | { ok: false; errors: FieldError[]; mistake: string }

/** The rule that an answer must be JSON that fits a schema. */
export type OutputRule = { name: string; schema: Record<string, unknown>; check(text: string): CheckedOutput }

/**
 * Compiles an agent's output settings into a rule.
 *
 * @throws ValidationError when the schema is invalid, too large or too deep
 */
export function outputRule({ schema, name = 'answer' }: OutputSettings): OutputRule {
  requireModest(schema)
  const check = compileJsonSchema(schema, { tellAll: true })
  return {
    name,
    schema,
    check(text) {
      const found = jsonInText(text)
      if (!found) return wrong([{ path: '', message: 'there is no JSON in it' }])
      const fault = isDeeperThan(found.value, MAX_DATA_DEPTH)
        ? `is nested deeper than ${MAX_DATA_DEPTH} levels`
        : jsonFault(found.value)
      if (fault !== undefined) return wrong([{ path: '', message: `the JSON ${fault}` }])
      try {
        check(found.value)
        return { ok: true, value: found.value }
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error
        return wrong(
          error.fields?.map(({ path, message }) => ({ path: path.replace(/^data\.?/, ''), message })) ?? [
            { path: '', message: error.message },
          ],
        )
      }
    },
  }
}

/** Checks one answer against one schema. @throws ValidationError when the schema is invalid */
export const checkOutput = (text: string, schema: Record<string, unknown>): CheckedOutput =>
  outputRule({ schema } as OutputSettings).check(text)

/** The mistakes of an answer, in words for the model. */
const mistakeOf = (errors: readonly FieldError[]): string =>
  errors.map(({ path, message }) => (path === '' ? message : `"${path}": ${message}`)).join('; ')

const wrong = (errors: FieldError[]): CheckedOutput => ({ ok: false, errors, mistake: mistakeOf(errors.slice(0, MAX_TOLD)) })

function requireModest(schema: Record<string, unknown>): void {
  const path = 'output.schema'
  const bytes = Buffer.byteLength(JSON.stringify(schema))
  if (bytes > MAX_SCHEMA_BYTES) throw refused(path, `has ${bytes} bytes, more than ${MAX_SCHEMA_BYTES}`)
  if (depthOf(schema, MAX_SCHEMA_DEPTH * 2) > MAX_SCHEMA_DEPTH * 2)
    throw refused(path, `is deeper than ${MAX_SCHEMA_DEPTH} levels`)
}

const refused = (path: string, message: string): ValidationError =>
  new ValidationError(`"${path}" ${message}`, [{ path, message }])

/** Counts levels of objects and lists, no further than needed. Each level of data takes two levels of a schema: the keyword and the name. */
function depthOf(value: unknown, most: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (most < 0) return 1
  return 1 + Math.max(0, ...Object.values(value).map((each) => depthOf(each, most - 1)))
}
