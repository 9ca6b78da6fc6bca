import { SluiceError } from '#shared/platform/errors.ts'
import type { LlmProviderName, LlmSettings } from '#shared/protocol/llm.ts'
import { requireModelHost } from './model-host.ts'
import type { ProviderKey } from './provider-key.ts'
import { SecretOriginError } from './secret-origin-error.ts'
import { OLLAMA_BASE_URL, vendorBaseUrl } from './vendor-base-url.ts'

export type EndpointContext = {
  key: ProviderKey | undefined
  /** Of the key; for errors, and to see whose key it is. */
  service: string | undefined
  secretName: string
  /** Hosts that definitions may name, with a port or without; secrets may name any. */
  modelHosts: readonly string[]
}

/**
 * Root of the API that is called. A key goes nowhere but to the origin that its secret names, or to the vendor's own; what a definition names must be on
 * the stage's list, or the same origin.
 *
 * @throws SecretOriginError; SluiceError `validation_error` when the settings cannot be used on this stage
 */
export function vendorEndpoint(settings: LlmSettings, context: EndpointContext): string {
  const { provider, baseUrl } = settings
  if (provider === 'custom' || provider === 'ollama') return openEndpoint(settings, context)
  if (baseUrl !== undefined)
    throw unusable(`"llm.baseUrl" is for custom and ollama; the base URL of ${provider} stands in its secret`)
  const { key, service, secretName } = context
  if (key?.baseUrl !== undefined) return key.baseUrl
  const own = vendorBaseUrl(provider)
  if (own === undefined) throw unusable(`the secret "${secretName}" must name the address of ${provider} as "baseUrl"`)
  // The key of one vendor is not for another one, whatever a definition says.
  const isOfAnother = service !== undefined && service !== provider && vendorBaseUrl(service) !== undefined
  if (isOfAnother || (key && (vendorOf(key) ?? provider) !== provider))
    throw new SecretOriginError(secretName, new URL(own).origin)
  return own
}

/** Beginnings that keys of one vendor alone have. Sources: the vendors' own documents on keys. */
const BEGINNINGS: ReadonlyMap<LlmProviderName, RegExp> = new Map([
  ['openai', /^sk-(?:proj|svcacct|admin)-/],
  ['anthropic', /^sk-ant-/],
  ['google', /^AIza/],
])

/** Whose key it is by its looks; a service may have any name. */
function vendorOf({ apiKey }: ProviderKey): LlmProviderName | undefined {
  const [found] = [...BEGINNINGS].find(([, beginning]) => beginning.test(apiKey.reveal())) ?? []
  return found
}

/** Servers that anybody can run: the definition says where, and the key whether it may come along. */
function openEndpoint({ provider, baseUrl }: LlmSettings, { key, secretName, modelHosts }: EndpointContext): string {
  const named = baseUrl ?? key?.baseUrl ?? (provider === 'ollama' ? OLLAMA_BASE_URL : undefined)
  if (named === undefined)
    throw unusable(`the address of a custom provider stands in "llm.baseUrl", or in the secret "${secretName}"`)
  const { origin } = new URL(named)
  if (!key) requireModelHost(named, modelHosts)
  else if (key.baseUrl === undefined || new URL(key.baseUrl).origin !== origin) throw new SecretOriginError(secretName, origin)
  return named
}

/** Wrong until somebody changes the agent or the stage. */
const unusable = (message: string): SluiceError => new SluiceError('validation_error', message, { retryable: false })
