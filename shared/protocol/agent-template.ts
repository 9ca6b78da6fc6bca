import * as z from 'zod'
import { createAgentSchema } from './agent.ts'
import { agentIdSchema, timestampSchema } from './identifiers.ts'

/** Names of templates are of the form of ids. */
export const templateNameSchema = agentIdSchema

const { topics, maxConcurrency, maxQueue, prompts } = createAgentSchema.shape

/** Fields of an agent's definition, any of them; each one as `POST /v1/agents` takes it. What is not said stays unsaid: defaults are the agent's. */
export const partialDefinitionSchema = createAgentSchema
  .omit({ agentId: true, autoStart: true })
  .extend({
    topics: topics.unwrap(),
    maxConcurrency: maxConcurrency.unwrap(),
    maxQueue: maxQueue.unwrap(),
    prompts: prompts.unwrap(),
  })
  .partial()

/** Body of `PUT /v1/agent-templates/{name}`. */
export const templateDefinitionSchema = z.strictObject({
  description: z.string().max(2_000).optional(),
  definition: partialDefinitionSchema,
})

/** What agents can be made from: a part of a definition under a name. */
export const agentTemplateSchema = z.object({
  name: templateNameSchema,
  description: z.string().optional(),
  definition: z.record(z.string(), z.json()),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
})

export const agentTemplateListSchema = z.object({
  templates: z.array(agentTemplateSchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

/** Body of `POST /v1/agents` that names a template: a merge patch (RFC 7396) of the template's definition, with what else belongs to a new agent. */
export const agentFromTemplateSchema = z.object({ template: templateNameSchema }).catchall(z.json())

export type TemplateDefinition = z.infer<typeof templateDefinitionSchema>
export type AgentTemplate = z.infer<typeof agentTemplateSchema>
export type AgentTemplateList = z.infer<typeof agentTemplateListSchema>
