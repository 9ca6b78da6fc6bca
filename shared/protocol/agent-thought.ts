import * as z from 'zod'
import { agentIdSchema } from './identifiers.ts'
import { jsonSchemaSchema, MAX_TOOLS, reasoningLimitsSchema, teamSchema, toolSchema } from './tool.ts'

/** Most characters of one prompt. */
const promptText = z.string().max(50_000)

/** What a model is told. `{name}` stands for a variable in all of them; every key of an input is one. */
export const promptsSchema = z.strictObject({
  system: promptText.optional(),
  /** The question. @default the input as it is */
  userTemplate: promptText.optional(),
  /** Said with the context, when there is one: earlier turns, notes, what a workflow knows. */
  contextInstructions: promptText.optional(),
})

/** What an answer must look like: JSON that fits a schema. It is validated, and the model has one try to mend it. */
export const outputSettingsSchema = z.strictObject({
  schema: jsonSchemaSchema,
  /** As the provider is told. @default 'answer' */
  name: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'use 1 to 64 letters, digits, "_" or "-"')
    .optional(),
})

/** What happens to a message of a conversation in which an answer is under way. */
export const DOUBLE_TEXTING = ['queue', 'reject', 'replace'] as const

/** How an agent remembers. Executions with a `conversationId` belong to a conversation. */
export const memorySchema = z.strictObject({
  /** Tokens of earlier turns that the model is given; what falls out is summed up. @default 4,000 */
  windowTokens: z.int().min(0).max(1_000_000).optional(),
  /** Sum up what falls out of the window. @default true */
  summary: z.boolean().optional(),
  /** After so long a silence a conversation begins anew. @default 60 */
  sessionTimeoutMinutes: z.int().min(1).max(43_200).optional(),
  /** `queue`: it waits its turn. `reject`: `conflict`. `replace`: the answer under way is cancelled. @default 'queue' */
  doubleTexting: z.enum(DOUBLE_TEXTING).optional(),
  /** Give the model the notes about the caller, kept by `remember`. @default false */
  notes: z.boolean().optional(),
})

/** How an agent makes its answers. @default `multi_agent` with a team, `react` with tools, otherwise `direct` */
export const REASONING_PATTERNS = ['direct', 'react', 'reflection', 'plan_and_execute', 'multi_agent'] as const

/** Who an agent is to be; stands at the beginning of its system prompt. */
export const personaSchema = z.strictObject({
  role: z.string().min(1).max(200).optional(),
  expertise: z.array(z.string().min(1).max(200)).max(50).optional(),
  personality: z.string().min(1).max(500).optional(),
})

/** A part of an agent's make-up, as orchestrators draw it. */
export const componentSchema = z.strictObject({
  id: agentIdSchema,
  type: z.string().min(1).max(64),
  config: z.record(z.string(), z.json()).optional(),
})

/** From one component to another. */
export const componentConnectionSchema = z.strictObject({ from: agentIdSchema, to: agentIdSchema })

/** How an agent thinks: what only those without code of their own have. */
export const thoughtSchema = z.object({
  persona: personaSchema.optional(),
  reasoningPattern: z.enum(REASONING_PATTERNS).optional(),
  components: z.array(componentSchema).max(100).optional(),
  connections: z.array(componentConnectionSchema).max(200).optional(),
  /** What it may call; nothing else. */
  tools: z.array(toolSchema).max(MAX_TOOLS).optional(),
  reasoning: reasoningLimitsSchema.optional(),
  /** Who works together, for the pattern `multi_agent`. */
  team: teamSchema.optional(),
  /** JSON that the answer must be. */
  output: outputSettingsSchema.optional(),
  memory: memorySchema.optional(),
})

export type Prompts = z.infer<typeof promptsSchema>
export type MemorySettings = z.infer<typeof memorySchema>
export type OutputSettings = z.infer<typeof outputSettingsSchema>
