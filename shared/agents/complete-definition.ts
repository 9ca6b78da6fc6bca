import type * as z from 'zod'
import { SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { parse } from '#shared/platform/parse.ts'
import type { CreateAgent } from '#shared/protocol/agent.ts'
import type { LlmDefinition } from '#shared/protocol/agent-definition.ts'
import { type ComponentType, RUNNING_COMPONENTS } from './abilities.ts'
import { requireConsistent } from './require-consistent.ts'
import { requireReasonable } from './require-reasonable.ts'
import { requireTools } from './require-tools.ts'
import { wrongSchema } from './wrong-schema.ts'
import { wrongTemplates } from './wrong-templates.ts'

type Given = Omit<CreateAgent, 'kind' | 'agentId' | 'autoStart'>
type Component = NonNullable<Given['components']>[number]

/**
 * A definition that can run: what components say stands in the fields that they become, and nothing is asked for that does not run.
 *
 * @throws SluiceError `unsupported` naming what does not run, ValidationError for what contradicts itself
 */
export function completeDefinition(given: Given): LlmDefinition {
  requireConsistent(given)
  const supplied = suppliedBy(given.components ?? [])
  requireNoConflict(given, supplied)
  const llm = supplied.llm ?? given.llm
  if (!llm) {
    throw new ValidationError('the agent has no model: say which in "llm", or in a component of the type "model"', [
      { path: 'llm', message: 'is missing' },
    ])
  }
  const definition = { ...given, ...supplied, topics: [...new Set(given.topics)], llm }
  // What components say is no less wrong.
  requireConsistent(definition)
  requireReasonable(definition)
  requireTools(definition.tools ?? [])
  requireOutput(definition.output)
  requireTemplates(definition.prompts)
  return definition
}

/** @throws ValidationError for a schema that no answer could be checked with */
function requireOutput(output: LlmDefinition['output']): void {
  const [first, ...more] = output ? wrongSchema(output.schema, 'output.schema') : []
  if (first)
    throw new ValidationError(`the schema of the answers cannot be used: "${first.path}": ${first.message}`, [first, ...more])
}

/** @throws ValidationError for variables that no input could make known */
function requireTemplates(prompts: LlmDefinition['prompts']): void {
  const [first, ...more] = wrongTemplates(prompts)
  if (first) throw new ValidationError(`the prompts cannot be used: "${first.path}": ${first.message}`, [first, ...more])
}

/** A definition without what its components say: what a patch starts from, so that a changed component is followed. */
export function withoutSupplied({ components, ...definition }: LlmDefinition): Record<string, unknown> {
  const fields = (components ?? []).map(({ type }) => fieldOf(type))
  const own = Object.entries(definition).filter(([name]) => !fields.includes(name))
  return { ...Object.fromEntries(own), ...(components && { components }) }
}

const fieldOf = (type: string): string | undefined => (isRunning(type) ? RUNNING_COMPONENTS[type].field : undefined)

const isRunning = (type: string): type is ComponentType => Object.hasOwn(RUNNING_COMPONENTS, type)

/** Fields as components say them. */
type Supplied = Partial<Pick<LlmDefinition, 'llm' | 'prompts' | 'tools' | 'memory' | 'output'>>

function suppliedBy(components: readonly Component[]): Supplied {
  const supplied: Supplied = {}
  for (const [place, { id, type, config = {} }] of components.entries()) {
    if (!isRunning(type)) {
      const known = Object.keys(RUNNING_COMPONENTS).join(', ')
      throw unsupported(`components.${place}.type`, `components of the type "${type}" do not run here; those that do: ${known}`)
    }
    const { field, config: schema } = RUNNING_COMPONENTS[type]
    const value = parse<z.ZodType>(schema, config, `config of the component "${id}"`)
    if (field === 'tools') Object.assign(supplied, { tools: [...(supplied.tools ?? []), value] })
    else if (supplied[field]) throw contradiction(`components.${place}`, `"${id}" is a second component of the type "${type}"`)
    else Object.assign(supplied, { [field]: value })
  }
  return supplied
}

function requireNoConflict(given: Given, supplied: Supplied): void {
  for (const [type, { field }] of Object.entries(RUNNING_COMPONENTS)) {
    const said = field === 'prompts' ? given.prompts.system !== undefined : given[field] !== undefined
    if (said && supplied[field]) throw contradiction(field, `a component of the type "${type}" says it already: keep one of both`)
  }
}

const unsupported = (path: string, message: string): SluiceError =>
  new SluiceError('unsupported', message, { fields: [{ path, message: 'does not run here' }] })

const contradiction = (path: string, message: string): ValidationError =>
  new ValidationError(`the definition contradicts itself at "${path}": ${message}`, [{ path, message }])
