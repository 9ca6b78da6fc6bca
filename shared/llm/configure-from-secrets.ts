import type { LlmSettings } from '#shared/protocol/llm.ts'
import { keyServiceOf } from './key-service.ts'
import type { ProviderKey } from './provider-key.ts'
import { parseProviderKeys } from './provider-secret.ts'
import type { PlatformSecrets } from './secrets-manager-platform-secrets.ts'

/** Settings with the keys that belong to them; undefined where they need none, or there is no such secret. */
export type ConfiguredAgent<Config extends { llm: LlmSettings }> = Config & { keys: readonly ProviderKey[] | undefined }

/**
 * An agent's configuration with the keys of its service, for a program that calls models itself. Nothing is read and nothing changed: what was given
 * stays as it is, and the keys stay concealed.
 *
 * @throws InvalidSecretError when the secret of the service is malformed
 */
export function configureAgentFromSecrets<Config extends { llm: LlmSettings }>(
  config: Config,
  secrets: PlatformSecrets,
): ConfiguredAgent<Config> {
  const service = keyServiceOf(config.llm)
  const text = service === undefined ? undefined : secrets.get(service)
  if (service === undefined || text === undefined) return { ...config, keys: undefined }
  return { ...config, keys: parseProviderKeys(service, service, text.reveal()) }
}
