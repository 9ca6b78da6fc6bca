import type { LlmSettings } from '#shared/protocol/llm.ts'
import { keyServiceOf } from './key-service.ts'
import type { LlmProvider } from './llm-provider.ts'
import { LLM_TIMEOUTS, type LlmTimeouts, timeoutsOf } from './llm-timeouts.ts'
import { makeVendor } from './make-vendor.ts'
import type { ProviderKey } from './provider-key.ts'
import type { SecretFor } from './secret-for.ts'
import { secretHeaders } from './secret-headers.ts'
import { vendorEndpoint } from './vendor-endpoint.ts'

export type VendorDependencies = {
  /** Values of headers whose definition names a secret. */
  secretFor: SecretFor
  /** Name of a service's secret. */
  secretName(service: string): string
  /** Hosts that definitions may name, with a port or without. */
  modelHosts: readonly string[]
  /** The stage's limits of a call, for those that settings do not set. @default LLM_TIMEOUTS */
  timeouts?: LlmTimeouts | undefined
}

/**
 * One vendor with one key.
 *
 * @param key - absent for providers that need none
 * @throws SecretOriginError, SecretNotFoundError, InvalidSecretError; SluiceError `validation_error` when the settings cannot be used here
 */
export type OpenVendor = (settings: LlmSettings, key?: ProviderKey) => Promise<LlmProvider>

/** Most clients kept for one key; one per combination of address, headers, timeouts and guardrail. */
const MAX_CLIENTS = 50

/**
 * Opens adapters, each loaded with its SDK on first use. Clients are kept as long as their key object, so that connections are reused, and a
 * rotated key drops its clients.
 */
export function vendorOpener({
  secretFor,
  secretName,
  modelHosts,
  timeouts: stage = LLM_TIMEOUTS,
}: VendorDependencies): OpenVendor {
  const byKey = new WeakMap<object, Map<string, LlmProvider>>()
  const keyless = {}

  function clientsOf(owner: object): Map<string, LlmProvider> {
    const clients = byKey.get(owner) ?? new Map<string, LlmProvider>()
    if (clients.size >= MAX_CLIENTS) clients.clear()
    byKey.set(owner, clients)
    return clients
  }

  async function headersOf(
    { headers = {} }: LlmSettings,
    key: ProviderKey | undefined,
    url: string,
  ): Promise<Record<string, string>> {
    const own = await secretHeaders(secretFor, headers, url)
    return { ...own.headers, ...key?.headers?.reveal() }
  }

  return async (settings, key) => {
    const { provider, guardrail } = settings
    const timeouts = timeoutsOf(settings, stage)
    const service = keyServiceOf(settings)
    const context = { key, service, secretName: secretName(service ?? provider), modelHosts }
    const needsAddress = provider !== 'bedrock' && provider !== 'scripted'
    const baseUrl = needsAddress ? vendorEndpoint(settings, context) : ''
    const headers = provider === 'custom' ? await headersOf(settings, key, baseUrl) : {}
    const clients = clientsOf(key ?? keyless)
    const id = JSON.stringify([provider, baseUrl, headers, timeouts, guardrail])
    const client = clients.get(id) ?? (await makeVendor({ provider, key, baseUrl, headers, timeouts, guardrail }))
    clients.set(id, client)
    return client
  }
}
