import { SluiceError } from '#shared/platform/errors.ts'
import { type KeyChoice, keyServiceOf } from './key-service.ts'
import { OLLAMA_BASE_URL } from './vendor-base-url.ts'

/**
 * Allows a call without a key only if the stage lists the host.
 *
 * @param modelHosts - hosts that definitions may name, with a port or without
 * @throws SluiceError `validation_error` for any other host; retrying does not help
 */
export function requireModelHost(url: string, modelHosts: readonly string[]): void {
  const { host, hostname } = new URL(url)
  if (modelHosts.includes(host) || modelHosts.includes(hostname)) return
  throw new SluiceError('validation_error', `models are not called at "${host}": it is not on the stage's list "modelHosts"`, {
    retryable: false,
  })
}

/** The address of a call without a key; undefined when a key or the vendor decides the address. */
export function keylessAddress(settings: KeyChoice): string | undefined {
  const { provider, baseUrl } = settings
  if (keyServiceOf(settings) !== undefined) return undefined
  if (provider === 'ollama') return baseUrl ?? OLLAMA_BASE_URL
  return provider === 'custom' ? baseUrl : undefined
}
