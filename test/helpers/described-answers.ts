import { type Schema, Validator } from '@cfworker/json-schema'
import { openApi } from '../../scripts/openapi/document.ts'

type Content = Record<string, { schema: Schema }>
type Document = {
  paths: Record<
    string,
    Record<string, { operationId: string; responses: Record<string, { description: string; content?: Content }> }>
  >
  components: { schemas: Record<string, Schema> }
}

/** The description of the API as the sources have it now. */
export const DOCUMENT: Document = JSON.parse(JSON.stringify(openApi()))

const PATHS = Object.keys(DOCUMENT.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
}))
const validators = new Map<string, Validator>()

/**
 * Why an answer is not as the description of the API says; undefined when it is, and for paths that are not there. A status, an error code or a field
 * that nobody wrote down is a mistake in one of the two.
 */
export function undescribed(
  method: string,
  path: string,
  answer: { status: number; body: unknown; type?: string },
): string | undefined {
  // What is written out goes before what has parameters.
  const found = PATHS.filter(({ pattern }) => pattern.test(path)).toSorted((one, other) => braces(one.path) - braces(other.path))
  const place = found.find((candidate) => DOCUMENT.paths[candidate.path]?.[method.toLowerCase()])
  const operation = place && DOCUMENT.paths[place.path]?.[method.toLowerCase()]
  // A path without its method is refused before any operation is looked at.
  if (!operation || answer.status === 405) return undefined
  const name = `${operation.operationId} ${answer.status}`
  const response = operation.responses[String(answer.status)]
  if (!response) return `${name} is not described: ${JSON.stringify(answer.body).slice(0, 200)}`
  const problem = response.content?.['application/problem+json']
  const { code } = (answer.body ?? {}) as { code?: unknown }
  if (problem && code !== undefined && !response.description.includes(`\`${code}\``))
    return `${name} does not name the error "${code}"`
  const schema = (code === undefined ? response.content?.['application/json'] : problem)?.schema
  if (!schema) return undefined
  if (answer.body === undefined) return `${name} has no body`
  const { valid, errors } = validatorOf(name, schema).validate(answer.body)
  return valid
    ? undefined
    : `${name} is not as described: ${JSON.stringify(errors.at(-1))} in ${JSON.stringify(answer.body).slice(0, 300)}`
}

const braces = (path: string): number => path.split('{').length

function validatorOf(name: string, schema: Schema): Validator {
  const known = validators.get(name)
  if (known) return known
  const made = new Validator({ ...schema, components: DOCUMENT.components }, '2020-12')
  validators.set(name, made)
  return made
}
