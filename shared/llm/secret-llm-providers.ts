import type { SecretStore } from '#shared/platform/secret-store.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { keyServiceOf } from './key-service.ts'
import type { LlmProvider } from './llm-provider.ts'
import type { LlmTimeouts } from './llm-timeouts.ts'
import { vendorOpener } from './open-vendor.ts'
import { providerKeys } from './provider-keys.ts'
import { secretFor } from './secret-for.ts'

export type SecretLlmProvidersOptions = {
  secrets: SecretStore
  /** Prefix of the secrets' names: `{platform}-{service}-secret`. */
  platform: string
  /** Hosts that settings may name as `baseUrl`. @default none */
  modelHosts?: readonly string[] | undefined
  /** @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/** Opens vendors with the first key of their secret, without the layers that usually wrap a call (fallbacks, breaker, budgets). */
export function secretLlmProviders({ secrets, platform, modelHosts = [], timeouts }: SecretLlmProvidersOptions) {
  const keys = providerKeys({ secrets, platform })
  const open = vendorOpener({ secretFor: secretFor({ secrets, platform }), secretName: keys.secretName, modelHosts, timeouts })
  return {
    async open(settings: LlmSettings): Promise<LlmProvider> {
      const service = keyServiceOf(settings)
      if (service === undefined) return open(settings)
      const [key] = await keys.current(service)
      return open(settings, key)
    },
  }
}
