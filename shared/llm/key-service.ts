import type { LlmProviderName, LlmSettings } from '#shared/protocol/llm.ts'

/** Providers that cannot be asked without a key. */
const WITH_KEY: ReadonlySet<LlmProviderName> = new Set(['openai', 'azure', 'anthropic', 'google'])

/** The part of settings that decides about keys; a fallback has it too. */
export type KeyChoice = Pick<LlmSettings, 'provider' | 'service' | 'baseUrl'>

/**
 * Service whose secret has the keys of a model, undefined where none is used: Bedrock is called with the function's role, `ollama` and `custom` with a
 * base URL have a key only where they name a service.
 */
export function keyServiceOf({ provider, service, baseUrl }: KeyChoice): string | undefined {
  if (WITH_KEY.has(provider)) return service ?? provider
  if (provider === 'ollama') return service
  if (provider === 'custom') return service ?? (baseUrl === undefined ? provider : undefined)
  return undefined
}

/** How the secret of a service is created. */
export const howToSetKey = (service: string): string => `create it with: npx sluice keys set ${service}`
