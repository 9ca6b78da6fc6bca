import { serviceSecretName } from '#shared/platform/names.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import type { LlmProvider } from './llm-provider.ts'
import type { LlmProviders } from './llm-providers.ts'
import type { LlmTimeouts } from './llm-timeouts.ts'
import { parseProviderSecret } from './provider-secret.ts'

export type SecretLlmProvidersOptions = {
  secrets: SecretStore
  /** Prefix of the secrets' names: `{platform}-{service}-secret`. */
  platform: string
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/**
 * Opens providers with the keys of a secret store. An adapter and its SDK are loaded when an agent first needs them, and its client is
 * kept as long as the secret stays the same: connections are reused, and a rotated key is taken up with the next call.
 */
export function secretLlmProviders({ secrets, platform, timeouts }: SecretLlmProvidersOptions): LlmProviders {
  const openAi = new Map<string, { value: string; provider: LlmProvider }>()
  const withoutSecret = new Map<LlmSettings['provider'], LlmProvider>()

  async function openaiProvider(secretName: string): Promise<LlmProvider> {
    const value = await secrets.read(secretName)
    const { openaiLlmProvider } = await import('./openai-llm-provider.ts')
    const known = openAi.get(secretName)
    if (known?.value === value) return known.provider
    const provider = openaiLlmProvider({ ...parseProviderSecret(secretName, value), timeouts })
    openAi.set(secretName, { value, provider })
    return provider
  }

  async function once(name: LlmSettings['provider'], make: () => Promise<LlmProvider>): Promise<LlmProvider> {
    const provider = withoutSecret.get(name) ?? (await make())
    withoutSecret.set(name, provider)
    return provider
  }

  return {
    async open(settings) {
      switch (settings.provider) {
        case 'openai':
          return openaiProvider(serviceSecretName(platform, settings.service ?? settings.provider))
        case 'bedrock':
          return once('bedrock', async () => (await import('./bedrock-llm-provider.ts')).bedrockLlmProvider({ timeouts }))
        case 'scripted':
          return once('scripted', async () => (await import('./scripted-llm-provider.ts')).scriptedLlmProvider())
      }
    },
  }
}
