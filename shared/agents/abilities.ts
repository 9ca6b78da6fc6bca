import type * as z from 'zod'
import { promptsSchema, type REASONING_PATTERNS } from '#shared/protocol/agent.ts'
import { llmSettingsSchema } from '#shared/protocol/llm.ts'

/**
 * What agents without code of their own can be asked for today. A new ability is a line here and the code behind it; everything else is
 * refused as `unsupported` when an agent is defined, never when it runs.
 */

/** `react` without tools is one turn, as `direct` is. */
export const RUNNING_PATTERNS: readonly (typeof REASONING_PATTERNS)[number][] = ['direct', 'react']

/** Types of components, with what their `config` is, and the field of the definition that it becomes. */
export const RUNNING_COMPONENTS = {
  model: { field: 'llm', config: llmSettingsSchema },
  prompt: { field: 'prompts', config: promptsSchema },
} as const satisfies Record<string, { field: string; config: z.ZodType }>

export type ComponentType = keyof typeof RUNNING_COMPONENTS
