import type { JsonSchema } from '#shared/llm/llm-provider.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { jsonFault } from '#shared/platform/json-fault.ts'
import { compileJsonSchema, type DataCheck } from '#shared/platform/json-schema.ts'
import { MAX_JSON_DEPTH } from '#shared/platform/parse.ts'
import { isDeeperThan } from '#shared/protocol/json-depth.ts'

/** Longest arguments, in bytes of UTF-8: they are stored in checkpoints and in the stream. */
export const MAX_ARGUMENT_BYTES = 16 * 1024
/** Most mistakes that the model is told at once. */
const MAX_MISTAKES = 5

/** The arguments, or what is wrong with them, in words that help the model to correct them. */
export type CheckedArguments = { ok: true; value: unknown } | { ok: false; mistake: string }

/** Compiled once per schema object: warm containers cache agents, and so their tools. */
const checks = new WeakMap<JsonSchema, DataCheck>()

/**
 * Checks arguments that a model wrote.
 *
 * @param options.checkedElsewhere - the server validates too, so a schema that we cannot compile is not an error
 */
export function checkArguments(json: string, schema: JsonSchema, options: { checkedElsewhere?: boolean } = {}): CheckedArguments {
  const bytes = Buffer.byteLength(json)
  if (bytes > MAX_ARGUMENT_BYTES) return wrong(`they are ${bytes} bytes long, and may have ${MAX_ARGUMENT_BYTES}`)
  const parsed = parseJson(json)
  if (!parsed.ok) return parsed
  const { value } = parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('they must be a JSON object')
  if (isDeeperThan(value, MAX_JSON_DEPTH)) return wrong(`they are nested deeper than ${MAX_JSON_DEPTH} levels`)
  const fault = jsonFault(value)
  if (fault !== undefined) return wrong(`the JSON ${fault}`)
  try {
    checkOf(schema)(value)
    return parsed
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    if (options.checkedElsewhere && !checks.has(schema)) return parsed
    return wrong(mistakesOf(error))
  }
}

/** For a tool without parameters a model may write nothing at all. */
function parseJson(json: string): CheckedArguments {
  try {
    return { ok: true, value: json.trim() === '' ? {} : JSON.parse(json) }
  } catch (error) {
    return wrong(`they are not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function checkOf(schema: JsonSchema): DataCheck {
  const known = checks.get(schema)
  if (known) return known
  const check = compileJsonSchema(schema)
  checks.set(schema, check)
  return check
}

function mistakesOf({ fields = [], message }: SluiceError): string {
  if (fields.length === 0) return message
  const told = fields
    .slice(0, MAX_MISTAKES)
    .map(({ path, message }) => `"${path.replace(/^data\.?/, '') || '(all)'}": ${message}`)
  const more = fields.length - told.length
  return told.join('; ') + (more > 0 ? `; and ${more} more` : '')
}

const wrong = (reason: string): CheckedArguments => ({
  ok: false,
  mistake: `The arguments are wrong: ${reason} Mend them and call the tool again.`.replace(/([^.;!?]) Mend/, '$1. Mend'),
})
