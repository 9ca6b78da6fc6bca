import * as z from 'zod'

/** Where a setting comes from, the strongest first. */
export const SETTING_SOURCES = ['explicit', 'environment', 'secret', 'default'] as const

/** One setting of an agent, as it holds now. */
export const settingSchema = z.object({
  /** Path in the definition, or name of the stage's setting: `llm.model`, `timeoutSeconds`. */
  name: z.string(),
  /** `explicit`: its definition says so. `environment`: the stage. `secret`: the value stands in a secret and is never shown. `default`: nobody said anything. */
  source: z.enum(SETTING_SOURCES),
  /** Absent where it is a secret's. */
  value: z.json().optional(),
  /** The secret that holds it. */
  secret: z.object({ name: z.string(), exists: z.boolean() }).optional(),
})

/** Answer of `GET /v1/agents/{id}/configuration`. */
export const agentConfigurationSchema = z.object({ agentId: z.string(), settings: z.array(settingSchema) })

export type SettingSource = (typeof SETTING_SOURCES)[number]
export type Setting = z.infer<typeof settingSchema>
export type AgentConfiguration = z.infer<typeof agentConfigurationSchema>
