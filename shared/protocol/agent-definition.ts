import * as z from 'zod'
import { type Agent, agentSchema, agentStateSchema } from './agent.ts'

const [llmAgentSchema, functionAgentSchema, remoteAgentSchema] = agentSchema.options

/** What is not of an agent's definition. */
const STATE = Object.fromEntries(['kind', ...Object.keys(agentStateSchema.shape)].map((name) => [name, true])) as Record<
  'kind' | keyof typeof agentStateSchema.shape,
  true
>

/** What the definition of an agent is made of, by kind: what its version counts. Its state is no part of it, nor is the build that registered it. */
export const definitionSchemas = {
  llm: llmAgentSchema.omit(STATE),
  function: functionAgentSchema.omit({ ...STATE, deployment: true }),
  remote: remoteAgentSchema.omit(STATE),
}

/** What somebody decides about an agent: its record without its state. */
export type LlmDefinition = z.infer<typeof definitionSchemas.llm>
export type FunctionDefinition = z.infer<typeof definitionSchemas.function>
export type RemoteDefinition = z.infer<typeof definitionSchemas.remote>

/** Body of `PATCH /v1/agents/{id}`: a JSON merge patch (RFC 7396) of the definition; null takes a field away. */
export const patchAgentSchema = z
  .object({
    /** The version that is meant; another one is a `conflict`. `If-Match` says the same. */
    version: z.int().positive().optional(),
  })
  .catchall(z.json())

export const AGENT_KINDS = ['llm', 'function', 'remote'] as const satisfies readonly Agent['kind'][]

/** An agent of a list that was asked for some fields only. */
export const sparseAgentSchema = z
  .object({
    ...remoteAgentSchema.shape,
    ...functionAgentSchema.shape,
    ...llmAgentSchema.shape,
    kind: z.enum(AGENT_KINDS),
  })
  .partial()
  .required({ agentId: true })

/** Fields of agents that a list can be asked for. */
export const AGENT_FIELDS = sparseAgentSchema.keyof().options

/** Answer of `GET /v1/agents`: with `fields`, each agent has these alone. */
export const sparseAgentListSchema = z.object({
  agents: z.array(sparseAgentSchema),
  /** Cursor of the next page; absent on the last one. With filters a page may be short, or empty, though there is a next one. */
  next: z.string().optional(),
})

export type SparseAgent = z.infer<typeof sparseAgentSchema>
