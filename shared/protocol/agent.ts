import * as z from 'zod'
import { agentIdSchema, timestampSchema, topicSchema } from './identifiers.ts'

export const AGENT_STATUSES = ['created', 'starting', 'running', 'paused', 'stopping', 'stopped', 'failed', 'deleted'] as const
export const AGENT_HEALTH = ['unknown', 'healthy', 'degraded', 'unhealthy', 'offline'] as const
export const LLM_PROVIDERS = ['openai', 'bedrock', 'scripted'] as const

/** Which model answers. The key never stands here: it is in the secret `{platform}-{service}-secret`. */
export const llmSettingsSchema = z.strictObject({
  provider: z.enum(LLM_PROVIDERS),
  /** Name of the model as the provider knows it. */
  model: z.string().min(1).max(128),
  /** Service part of the secret's name; the provider's name when absent. The secret also says which base URL its key is for. */
  service: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/, 'use lower-case letters, digits and "-"')
    .optional(),
  temperature: z.number().min(0).max(2).optional(),
  maxTokens: z.int().positive().max(1_000_000).optional(),
})

export const promptsSchema = z.strictObject({ system: z.string().max(50_000).optional() })

/** Body of `POST /v1/agents`. */
export const createAgentSchema = z.strictObject({
  agentId: agentIdSchema.optional(),
  name: z.string().min(1).max(200),
  description: z.string().max(2_000).optional(),
  topics: z.array(topicSchema).max(50).default([]),
  llm: llmSettingsSchema,
  prompts: promptsSchema.default({}),
})

/** A registered agent as every door shows it. */
export const agentSchema = z.object({
  agentId: agentIdSchema,
  name: z.string(),
  description: z.string().optional(),
  kind: z.literal('llm'),
  status: z.enum(AGENT_STATUSES),
  health: z.enum(AGENT_HEALTH),
  topics: z.array(topicSchema),
  llm: llmSettingsSchema,
  prompts: promptsSchema,
  /** Grows by one with every change of the definition. */
  version: z.int().positive(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
})

export const agentListSchema = z.object({
  agents: z.array(agentSchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

export type LlmSettings = z.infer<typeof llmSettingsSchema>
export type CreateAgent = z.infer<typeof createAgentSchema>
export type Agent = z.infer<typeof agentSchema>
export type AgentList = z.infer<typeof agentListSchema>
