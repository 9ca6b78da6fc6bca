import type { LlmSettings } from '#shared/protocol/llm.ts'
import { keyServiceOf } from './key-service.ts'
import type { ProviderKey } from './provider-key.ts'
import { parseProviderKeys } from './provider-secret.ts'
import type { PlatformSecrets } from './secrets-manager-platform-secrets.ts'

/** A configuration with its keys: undefined when it needs none, or the secret does not exist. */
export type ConfiguredAgent<Config extends { llm: LlmSettings }> = Config & { keys: readonly ProviderKey[] | undefined }

/**
 * Adds the keys of its service to an agent's configuration, for programs that call models themselves. A pure function: it reads no secrets
 * and returns a copy, and the keys stay concealed.
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
