import { SluiceError } from '#shared/platform/errors.ts'
import type { LlmProviderName, LlmSettings } from '#shared/protocol/llm.ts'
import type { LlmProvider } from './llm-provider.ts'
import type { LlmTimeouts } from './llm-timeouts.ts'
import type { ProviderKey } from './provider-key.ts'

/** What an adapter is created with. */
export type Vendor = {
  provider: LlmProviderName
  key: ProviderKey | undefined
  baseUrl: string
  headers: Record<string, string>
  timeouts: LlmTimeouts
  guardrail: LlmSettings['guardrail']
}

/** Loads an adapter and creates its client. @throws SluiceError `validation_error` for `virtual` and `default`, which must be resolved before */
export async function makeVendor({ provider, key, baseUrl, headers, timeouts, guardrail }: Vendor): Promise<LlmProvider> {
  const apiKey = key?.apiKey.reveal() ?? ''
  const keyed = { apiKey, baseUrl, timeouts }
  switch (provider) {
    case 'openai':
      return (await import('./openai-llm-provider.ts')).openaiLlmProvider(keyed)
    case 'azure':
      return (await import('./azure-llm-provider.ts')).azureLlmProvider({
        apiKey,
        baseUrl,
        apiVersion: key?.apiVersion,
        timeouts,
      })
    case 'custom':
      return (await import('./custom-llm-provider.ts')).customLlmProvider({ apiKey: key && apiKey, baseUrl, headers, timeouts })
    case 'anthropic':
      return (await import('./anthropic-llm-provider.ts')).anthropicLlmProvider(keyed)
    case 'google':
      return (await import('./google-llm-provider.ts')).googleLlmProvider(keyed)
    case 'ollama':
      return (await import('./ollama-llm-provider.ts')).ollamaLlmProvider({ apiKey: key && apiKey, baseUrl, timeouts })
    case 'bedrock':
      return (await import('./bedrock-llm-provider.ts')).bedrockLlmProvider({ timeouts, guardrail })
    case 'scripted':
      return (await import('./scripted-llm-provider.ts')).scriptedLlmProvider()
    case 'virtual':
    case 'default':
      throw new SluiceError('validation_error', `the provider "${provider}" stands for others and is resolved before a call`, {
        retryable: false,
      })
  }
}
