import type { LlmSettings } from '#shared/protocol/llm.ts'
import type { LlmProvider } from './llm-provider.ts'

/** On whose behalf a model is called. Budgets, breakers and caches are kept by these. */
export type LlmCaller = {
  tenant: string
  agentId: string
  executionId?: string | undefined
  /** Who asked for this execution, and for the first one of its chain, if that is another. */
  source?: string | undefined
  rootSource?: string | undefined
}

/** Opens the provider that an agent's settings name, with its keys. Adapters are loaded on first use. */
export type LlmProviders = {
  /** @throws SecretNotFoundError naming the missing secret; ValidationError when the settings cannot be used on this stage */
  open(settings: LlmSettings, caller: LlmCaller): Promise<LlmProvider>
  /**
   * Most tokens that a question may have, by the largest of the models that these settings can resolve to; undefined when the limit of one of
   * them is not known. Absent from implementations without a catalogue.
   *
   * @throws as `open`
   */
  questionRoom?(settings: LlmSettings, caller: LlmCaller): Promise<number | undefined>
}
