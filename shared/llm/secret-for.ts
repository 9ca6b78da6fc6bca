import { serviceSecretName } from '#shared/platform/names.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'
import { readProviderSecret } from './provider-secret.ts'
import { SecretOriginError } from './secret-origin-error.ts'
import { vendorBaseUrl } from './vendor-base-url.ts'

/**
 * Reads the secret value of a service, for a request to an address. The secret decides where it may go: to the origin of its `baseUrl`, or of the
 * vendor that the service is named after. Of several keys, the first is returned.
 *
 * @throws SecretNotFoundError, InvalidSecretError; SecretOriginError when the address is another one
 */
export type SecretFor = (service: string, url: string | URL) => Promise<string>

/** @param dependencies.platform - prefix of the secrets' names: `{platform}-{service}-secret` */
export function secretFor({ secrets, platform }: { secrets: SecretStore; platform: string }): SecretFor {
  return async (service, url) => {
    const name = serviceSecretName(platform, service)
    const { keys, baseUrl = vendorBaseUrl(service) } = readProviderSecret(name, await secrets.read(name))
    const { origin } = new URL(url)
    const [key] = keys
    if (!key || baseUrl === undefined || new URL(baseUrl).origin !== origin) throw new SecretOriginError(name, origin)
    return key.apiKey
  }
}
