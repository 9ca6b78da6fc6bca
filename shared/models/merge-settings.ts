import { ValidationError } from '#shared/platform/errors.ts'
import type { LlmOverrides, LlmSettings } from '#shared/protocol/llm.ts'

/**
 * Settings for one call: the agent's, then what its place in a workflow says, then what the call says; field by field, the last one counts.
 * Another provider drops what was said for the one before: service, base URL, headers, guardrail.
 *
 * @throws ValidationError when another provider is named without a model, since no model is known by its name to two of them
 */
export function mergeSettings(agent: LlmSettings, ...overrides: readonly (LlmOverrides | undefined)[]): LlmSettings {
  return overrides.reduce<LlmSettings>((settings, override) => (override ? mergeOne(settings, override) : settings), agent)
}

function mergeOne(settings: LlmSettings, { provider = settings.provider, model, ...generation }: LlmOverrides): LlmSettings {
  if (provider !== settings.provider && model === undefined)
    throw new ValidationError(`"${provider}" needs a model of its own: name one`, [{ path: 'llm.model', message: 'is missing' }])
  const said = Object.fromEntries(Object.entries(generation).filter(([, value]) => value !== undefined))
  const merged = { ...settings, ...said, provider, model: model ?? settings.model }
  if (provider === settings.provider) return merged
  const { service, baseUrl, headers, guardrail, ...rest } = merged
  return rest
}
