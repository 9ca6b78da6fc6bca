import { SluiceError } from '#shared/platform/errors.ts'
import type { LlmProviderName, LlmSettings } from '#shared/protocol/llm.ts'
import { requireModelHost } from './model-host.ts'
import type { ProviderKey } from './provider-key.ts'
import { SecretOriginError } from './secret-origin-error.ts'
import { OLLAMA_BASE_URL, vendorBaseUrl } from './vendor-base-url.ts'

export type EndpointContext = {
  key: ProviderKey | undefined
  /** The service of the key: for errors, and to tell whose key it is. */
  service: string | undefined
  secretName: string
  /** Hosts that definitions may name, with a port or without; secrets may name any. */
  modelHosts: readonly string[]
}

/**
 * The root of the API to call. A key is sent only to the origin that its secret names, or else to the vendor's own. An address in an agent's
 * definition must have that same origin; without a key, its host must be on the stage's list.
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
  // Whatever a definition says, the key of one vendor is never sent to another.
  const isOfAnother = service !== undefined && service !== provider && vendorBaseUrl(service) !== undefined
  if (isOfAnother || (key && (vendorOf(key) ?? provider) !== provider))
    throw new SecretOriginError(secretName, new URL(own).origin)
  return own
}

/** Prefixes that only keys of one vendor have. Sources: the vendors' own documentation of keys. */
const BEGINNINGS: ReadonlyMap<LlmProviderName, RegExp> = new Map([
  ['openai', /^sk-(?:proj|svcacct|admin)-/],
  ['anthropic', /^sk-ant-/],
  ['google', /^AIza/],
])

/** Whose key this is, judging by its prefix: the name of a service says nothing certain. */
function vendorOf({ apiKey }: ProviderKey): LlmProviderName | undefined {
  const [found] = [...BEGINNINGS].find(([, beginning]) => beginning.test(apiKey.reveal())) ?? []
  return found
}

/** For servers that anybody can run: the definition names the address, and the secret decides whether its key may go there. */
function openEndpoint({ provider, baseUrl }: LlmSettings, { key, secretName, modelHosts }: EndpointContext): string {
  const named = baseUrl ?? key?.baseUrl ?? (provider === 'ollama' ? OLLAMA_BASE_URL : undefined)
  if (named === undefined)
    throw unusable(`the address of a custom provider stands in "llm.baseUrl", or in the secret "${secretName}"`)
  const { origin } = new URL(named)
  if (!key) requireModelHost(named, modelHosts)
  else if (key.baseUrl === undefined || new URL(key.baseUrl).origin !== origin) throw new SecretOriginError(secretName, origin)
  return named
}

/** Not retryable: only a change of the agent or the stage helps. */
const unusable = (message: string): SluiceError => new SluiceError('validation_error', message, { retryable: false })
