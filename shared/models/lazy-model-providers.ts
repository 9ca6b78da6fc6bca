import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { lazy } from '#shared/platform/lazy.ts'
import type { DynamoModelProvidersOptions } from './dynamo-model-providers.ts'

/** The models of a deployed stage; the code is loaded when the first agent asks a model. */
export function lazyModelProviders(options: DynamoModelProvidersOptions): LlmProviders {
  const providers = lazy(async () => (await import('./dynamo-model-providers.ts')).dynamoModelProviders(options))
  return {
    open: async (settings, caller) => (await providers()).open(settings, caller),
    questionRoom: async (settings, caller) => (await providers()).questionRoom?.(settings, caller),
  }
}
