import { ValidationError } from '#shared/platform/errors.ts'
import type { FieldError } from '#shared/protocol/problem.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import { wrongSchema } from './wrong-schema.ts'

/** Largest JSON of one schema, and of all tools of an agent, in bytes: every call of a model carries them. */
const MAX_PARAMETERS_BYTES = 16 * 1024
const MAX_TOOLS_BYTES = 64 * 1024
/** A host, with a port where it has one; `*.` stands for everything below it. */
const HOST = /^(\*\.)?[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:\d{1,5})?$/i

/**
 * Refuses tools that cannot work, naming all of them.
 *
 * @throws ValidationError
 */
export function requireTools(tools: readonly Tool[]): void {
  const wrong = [...tooLarge(tools), ...tools.flatMap((tool, place) => wrongIn(tool, `tools.${place}`))]
  if (wrong.length === 0) return
  const said = wrong.map(({ path, message }) => `"${path}" ${message}`).join('; ')
  throw new ValidationError(`the tools cannot be used: ${said}`, wrong)
}

function tooLarge(tools: readonly Tool[]): FieldError[] {
  const bytes = Buffer.byteLength(JSON.stringify(tools))
  return bytes > MAX_TOOLS_BYTES
    ? [{ path: 'tools', message: `are ${bytes} bytes of JSON, and may have ${MAX_TOOLS_BYTES}` }]
    : []
}

function wrongIn(tool: Tool, path: string): FieldError[] {
  switch (tool.type) {
    case 'lambda':
    case 'agent':
      return wrongParameters(tool.parameters, path)
    case 'http':
      return [...wrongParameters(tool.parameters, path), ...unknownArguments(tool, path)]
    case 'mcp':
      return []
    case 'builtin':
      return wrongHosts(tool, path)
  }
}

function wrongParameters(parameters: Record<string, unknown> | undefined, path: string): FieldError[] {
  if (parameters === undefined) return []
  const at = `${path}.parameters`
  const bytes = Buffer.byteLength(JSON.stringify(parameters))
  if (bytes > MAX_PARAMETERS_BYTES)
    return [{ path: at, message: `is ${bytes} bytes of JSON, and may have ${MAX_PARAMETERS_BYTES}` }]
  return parameters.type === 'object'
    ? wrongSchema(parameters, at)
    : [{ path: at, message: 'must be a JSON Schema of the type "object": arguments have names' }]
}

/** Arguments of the address that no model could give. */
function unknownArguments({ url, parameters }: Extract<Tool, { type: 'http' }>, path: string): FieldError[] {
  const { properties } = parameters ?? {}
  if (typeof properties !== 'object' || properties === null) return []
  const names = [...url.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
  return names
    .filter((name) => !Object.hasOwn(properties, name))
    .map((name) => ({ path: `${path}.url`, message: `has the argument {${name}}, which "parameters" does not` }))
}

function wrongHosts({ name, hosts }: Extract<Tool, { type: 'builtin' }>, path: string): FieldError[] {
  if (name !== 'fetch') return hosts ? [{ path: `${path}.hosts`, message: 'is for the tool "fetch" alone' }] : []
  if (!hosts) return [{ path: `${path}.hosts`, message: 'is missing: name the hosts that may be called' }]
  return hosts
    .filter((host) => !HOST.test(host))
    .map((host) => ({ path: `${path}.hosts`, message: `has "${host}", which is no host: write example.com or *.example.com` }))
}
