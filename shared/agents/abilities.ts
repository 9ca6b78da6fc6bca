import type * as z from 'zod'
import { memorySchema, outputSettingsSchema, promptsSchema } from '#shared/protocol/agent-thought.ts'
import { llmSettingsSchema } from '#shared/protocol/llm.ts'
import { toolSchema } from '#shared/protocol/tool.ts'

/**
 * Types of components that run today, with what their `config` is, and the field of the definition that it becomes. A new one is a line here and the code
 * behind it; everything else is refused as `unsupported` when an agent is defined, never when it runs.
 */
export const RUNNING_COMPONENTS = {
  model: { field: 'llm', config: llmSettingsSchema },
  prompt: { field: 'prompts', config: promptsSchema },
  /** One of several. */
  tool: { field: 'tools', config: toolSchema },
  memory: { field: 'memory', config: memorySchema },
  output: { field: 'output', config: outputSettingsSchema },
} as const satisfies Record<string, { field: string; config: z.ZodType }>

export type ComponentType = keyof typeof RUNNING_COMPONENTS
