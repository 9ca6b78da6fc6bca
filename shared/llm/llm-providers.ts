import type { LlmSettings } from '#shared/protocol/llm.ts'
import type { LlmProvider } from './llm-provider.ts'

/** For whom a model is asked: what budgets, breakers and caches are kept by. */
export type LlmCaller = {
  tenant: string
  agentId: string
  executionId?: string | undefined
  /** Who asked for the execution, and for the first of its chain where that is another one. */
  source?: string | undefined
  rootSource?: string | undefined
}

/** Finds the provider of an agent's settings, with its keys; adapters are loaded when they are first used. */
export type LlmProviders = {
  /** @throws SecretNotFoundError naming the key's secret when it is missing; ValidationError when the settings cannot be used here */
  open(settings: LlmSettings, caller: LlmCaller): Promise<LlmProvider>
  /**
   * How many tokens a question may have for the largest of the models that these settings may come to; undefined when one of them is not known.
   * Absent where nothing is known of models.
   *
   * @throws as `open`
   */
  questionRoom?(settings: LlmSettings, caller: LlmCaller): Promise<number | undefined>
}
