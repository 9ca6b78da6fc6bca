import * as z from 'zod'
import { ConfigError } from '#shared/platform/errors.ts'
import { createAgentSchema, llmSettingsSchema } from '#shared/protocol/agent.ts'
import type { AgentDefinition } from './agent-definition.ts'

/** What the registry keeps of an agent in code. */
export const declarationSchema = createAgentSchema
  .omit({ llm: true, prompts: true, autoStart: true })
  .required({ agentId: true })
  .extend({ taskTypes: z.array(z.string().min(1).max(128)).optional() })

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
  const { id, name = id, description, topics, filters, maxConcurrency, maxQueue, timeoutSeconds, retry } = definition
  const types = [...Object.keys(definition.tasks ?? {}), ...Object.keys(definition.events ?? {})]
  if (!definition.handle && types.length === 0) throw wrong(id, 'it has neither "handle" nor "tasks" nor "events"')
  const twice = types.find((type, index) => types.indexOf(type) !== index)
  if (twice !== undefined) throw wrong(id, `"${twice}" is both a task and an event`)
  const foreign = Object.keys(filters ?? {}).find((topic) => !topics?.includes(topic))
  if (foreign !== undefined) throw wrong(id, `filters: it does not subscribe to the topic "${foreign}"`)
  const llm = llmSettingsSchema.optional().safeParse(definition.llm)
  if (!llm.success) throw wrong(id, `llm: ${z.prettifyError(llm.error)}`)
  const result = declarationSchema.safeParse({
    agentId: id,
    name,
    description,
    topics: topics && [...new Set(topics)],
    filters,
    maxConcurrency,
    maxQueue,
    timeoutSeconds,
    retry,
    // Code that handles everything refuses nothing.
    taskTypes: definition.handle ? undefined : types,
  })
  if (!result.success) throw wrong(id, z.prettifyError(result.error))
  return result.data
}

const wrong = (id: string, what: string): ConfigError => new ConfigError(`the agent "${id}" is not defined well: ${what}`)
