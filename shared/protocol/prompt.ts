import * as z from 'zod'
import { personaSchema, promptsSchema } from './agent-thought.ts'
import { jsonSchemaSchema } from './tool.ts'

/** Body of `POST /v1/agents/{agentId}/prompt-preview`. */
export const previewAgentPromptSchema = z.strictObject({
  input: z.json(),
  /** Over the agent's, while they are written. */
  prompts: promptsSchema.optional(),
})

/** Body of `POST /v1/prompts/preview`, for prompts of no agent. */
export const previewPromptSchema = z.strictObject({
  input: z.json(),
  prompts: promptsSchema,
  persona: personaSchema.optional(),
  /** Stands for `{agent_name}`. */
  agentName: z.string().min(1).max(200).optional(),
})

/** What the model would be told. Nothing is called. */
export const promptPreviewSchema = z.object({
  messages: z.array(z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() })),
  /** What is said besides where there is a context: earlier turns, notes. A first question has none. */
  contextInstructions: z.string().optional(),
  /** JSON that the answer must be. `inWords` where the model is told in a message; otherwise its provider is told the schema. */
  output: z.object({ schema: jsonSchemaSchema, inWords: z.boolean() }).optional(),
  /** Names that the prompts may use, and those that they do. */
  variables: z.object({ known: z.array(z.string()), used: z.array(z.string()) }),
  /** About. */
  tokens: z.int().nonnegative(),
  /** What would not be done as it is asked. */
  warnings: z.array(z.string()),
})

export type PromptPreview = z.infer<typeof promptPreviewSchema>
