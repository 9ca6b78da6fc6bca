import type { LlmProviderName, LlmSettings } from '#shared/protocol/llm.ts'

/** Providers that cannot be asked without a key. */
const WITH_KEY: ReadonlySet<LlmProviderName> = new Set(['openai', 'azure', 'anthropic', 'google'])

/** The settings that decide which key is used; a fallback has them too. */
export type KeyChoice = Pick<LlmSettings, 'provider' | 'service' | 'baseUrl'>

/**
 * The service whose secret holds the keys of a model; undefined when no key is used. Bedrock is called with the function's role; `ollama`, and
 * `custom` with a base URL, use a key only if they name a service.
 */
export function keyServiceOf({ provider, service, baseUrl }: KeyChoice): string | undefined {
  if (WITH_KEY.has(provider)) return service ?? provider
  if (provider === 'ollama') return service
  if (provider === 'custom') return service ?? (baseUrl === undefined ? provider : undefined)
  return undefined
}

/** Advice for errors: how to create the secret of a service. */
export const howToSetKey = (service: string): string => `create it with: npx sluice keys set ${service}`
