import * as z from 'zod'
import { refuseSecrets } from '#shared/agents/refuse-secrets.ts'
import { requireConsistent } from '#shared/agents/require-consistent.ts'
import { ConfigError, toSluiceError } from '#shared/platform/errors.ts'
import { createAgentSchema } from '#shared/protocol/agent.ts'
import { llmSettingsSchema } from '#shared/protocol/llm.ts'
import type { AgentDefinition } from './agent-definition.ts'

/** What the registry keeps of an agent in code: everything but what a model is told where there is no code. */
export const declarationSchema = createAgentSchema
  .omit({
    kind: true,
    ...{ prompts: true, persona: true, reasoningPattern: true, components: true, connections: true },
    autoStart: true,
  })
  .required({ agentId: true })

export type Declaration = z.output<typeof declarationSchema>

/**
 * An agent in code. It is checked here, so a definition that cannot work fails when its module is loaded: in a unit test, before anything is
 * deployed.
 *
 * @example
 * export const support = defineAgent({
 *   id: 'support',
 *   topics: ['tickets'],
 *   input: z.object({ subject: z.string() }),
 *   async handle(ticket, { stream }) {
 *     await stream.write(`Thank you for "${ticket.subject}".`)
 *   },
 * })
 *
 * @throws ConfigError naming the field
 */
export function defineAgent<
  Input extends z.ZodType = z.ZodUnknown,
  Tasks extends Record<string, z.ZodType> = Record<never, never>,
  Events extends Record<string, z.ZodType> = Record<never, never>,
>(definition: AgentDefinition<Input, Tasks, Events>): AgentDefinition<Input, Tasks, Events> {
  declarationOf(definition)
  return definition
}

/**
 * What the registry keeps of a definition.
 *
 * @throws ConfigError naming the field
 */
export function declarationOf(definition: AgentDefinition): Declaration {
  const { id, name = id, handle, tasks = {}, events = {}, input: _, llm, onInit: __, topics, ...settings } = definition
  const types = [...Object.keys(tasks), ...Object.keys(events)]
  if (!handle && types.length === 0) throw wrong(id, 'it has neither "handle" nor "tasks" nor "events"')
  const twice = types.find((type, index) => types.indexOf(type) !== index)
  if (twice !== undefined) throw wrong(id, `"${twice}" is both a task and an event`)
  const unhandled = handle ? undefined : settings.taskTypes?.find((type) => !types.includes(type))
  if (unhandled !== undefined) throw wrong(id, `taskTypes: there is neither a "handle" nor a task for "${unhandled}"`)
  const model = llmSettingsSchema.optional().safeParse(llm)
  if (!model.success) throw wrong(id, `llm: ${z.prettifyError(model.error)}`)
  const result = declarationSchema.safeParse({
    ...settings,
    agentId: id,
    name,
    llm: model.data,
    topics: topics && [...new Set(topics)],
    taskTypes: knownTypes(definition, types),
  })
  if (!result.success) throw wrong(id, z.prettifyError(result.error))
  try {
    refuseSecrets(result.data)
    requireConsistent(result.data)
  } catch (error) {
    throw wrong(id, toSluiceError(error).message)
  }
  return result.data
}

/** Code that handles everything refuses nothing, unless it says what it knows. */
function knownTypes({ handle, taskTypes }: AgentDefinition, types: string[]): string[] | undefined {
  if (!handle) return types
  return taskTypes && [...new Set([...types, ...taskTypes])]
}

const wrong = (id: string, what: string): ConfigError => new ConfigError(`the agent "${id}" is not defined well: ${what}`)
