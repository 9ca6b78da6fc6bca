import { ValidationError } from '#shared/platform/errors.ts'
import type { LlmOverrides, LlmSettings } from '#shared/protocol/llm.ts'

/**
 * Merges the settings for one call: the agent's, overridden by its place in a workflow, overridden by the call; field by field, the last one wins.
 * A change of provider drops what belongs to the previous one: service, base URL, headers, guardrail.
 *
 * @throws ValidationError when the provider changes but no model is named: no two providers share the name of a model
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
