import { configureAgentFromSecrets } from '#shared/llm/configure-from-secrets.ts'
import { vendorOpener } from '#shared/llm/open-vendor.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import type { ProviderKey } from '#shared/llm/provider-key.ts'
import { conceal } from '#shared/platform/concealed.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { serviceSecretName } from '#shared/platform/names.ts'
import type { LlmProviderName, LlmSettings } from '#shared/protocol/llm.ts'
import { CliError, UsageError } from '../errors.ts'
import type { KeyVault } from './key-vault.ts'

/** What a provider said to a key. `answered`: it took the key, and the model would not answer. */
export interface CheckedKey {
  fingerprint: string
  state: 'ok' | 'answered' | 'refused' | 'limited' | 'unreachable'
  /** Our code of the error, and the provider's status. */
  code?: string | undefined
  status?: number | undefined
}

export interface KeyCheck {
  service: string
  /** The service's own where it has the name of one. */
  provider: LlmProviderName
  model: string | undefined
}

/** The cheapest model of a vendor that every key may use. */
const CHEAPEST: Partial<Record<LlmProviderName, string>> = {
  openai: 'gpt-4.1-nano',
  anthropic: 'claude-haiku-4-5',
  google: 'gemini-2.5-flash-lite',
}

/** Longest time for one key, in seconds. */
const PATIENCE_SECONDS = 20
/** Enough for a word, and the least that all vendors take. */
const MAX_TOKENS = 16

/**
 * Asks a provider one short question with each key of a service.
 *
 * @throws CliError when there is no such secret, or it is malformed or for another address
 */
export async function checkKeys(
  vault: KeyVault,
  { service, provider, model }: KeyCheck,
  signal: AbortSignal,
): Promise<CheckedKey[]> {
  const text = await vault.read(service)
  if (text === undefined) throw new CliError('no_key', `the service "${service}" has no keys`, `npx sluice keys set ${service}`)
  const asked = model ?? CHEAPEST[provider]
  if (asked === undefined) throw new UsageError(`which model of ${provider}?`, 'name one with --model')
  const llm: LlmSettings = { provider, service, model: asked, timeouts: { totalSeconds: PATIENCE_SECONDS } }
  const { keys = [] } = told(() => configureAgentFromSecrets({ llm }, new Map([[service, conceal(text)]])))
  return Promise.all(keys.map((key) => checkKey(vault.platform, llm, key, signal)))
}

/** @throws CliError in the words of an error of ours, which never has a key in it */
function told<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof SluiceError && error.expose) throw new CliError(error.code, error.message, 'npx sluice keys set --help')
    throw error
  }
}

async function checkKey(platform: string, llm: LlmSettings, key: ProviderKey, signal: AbortSignal): Promise<CheckedKey> {
  const { fingerprint } = key
  // No header of a check comes from another secret.
  const secretFor = () => Promise.reject(new UsageError('a check sends no other secret', 'leave it out'))
  const open = vendorOpener({ secretFor, secretName: (service) => serviceSecretName(platform, service), modelHosts: [] })
  try {
    const adapter = await open(llm, key)
    const request = { model: llm.model, messages: [{ role: 'user' as const, content: 'Say ok.' }], maxTokens: MAX_TOKENS }
    for await (const _ of adapter.stream(request, signal)) break
    return { fingerprint, state: 'ok' }
  } catch (error) {
    if (error instanceof ProviderError)
      return { fingerprint, state: stateOf(error), code: error.code, status: error.providerStatus }
    if (error instanceof SluiceError) throw new CliError(error.code, error.message, 'npx sluice keys set --help')
    throw error
  }
}

function stateOf({ code, providerStatus = 0 }: ProviderError): CheckedKey['state'] {
  if (code === 'rate_limit') return 'limited'
  // 403: it knows the key, and does not let it use this model.
  if (code === 'authentication_error') return providerStatus === 403 ? 'answered' : 'refused'
  return providerStatus >= 400 && providerStatus < 500 ? 'answered' : 'unreachable'
}
