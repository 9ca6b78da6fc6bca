import type { LlmSettings } from '#shared/protocol/agent.ts'
import type { LlmProvider } from './llm-provider.ts'

/** Finds the provider of an agent's settings, with its key; adapters are loaded when they are first used. */
export type LlmProviders = {
  /** @throws SecretNotFoundError when the key's secret is missing */
  open(settings: LlmSettings): Promise<LlmProvider>
}
