import { keyServiceOf } from '#shared/llm/key-service.ts'
import type { LlmProvider } from '#shared/llm/llm-provider.ts'
import type { OpenVendor } from '#shared/llm/open-vendor.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import type { KeyPool } from './key-pool.ts'
import { type PooledKeysDependencies, pooledKeys } from './pooled-keys.ts'

/**
 * Opens a vendor with all keys of its service: the innermost layer around a call. Settings that cannot work are refused here, before any call: a secret
 * that is missing or malformed, a key for another address, a host that is not on the stage's list.
 *
 * @throws SecretNotFoundError, InvalidSecretError, SecretOriginError; SluiceError `validation_error`
 */
export type KeyedOpener = (settings: LlmSettings, options?: KeyedOptions) => Promise<LlmProvider>

export type KeyedOptions = Pick<PooledKeysDependencies, 'waits'>

export function keyedOpener({ pool, openVendor }: { pool: KeyPool; openVendor: OpenVendor }): KeyedOpener {
  return async (settings, { waits } = {}) => {
    const service = keyServiceOf(settings)
    if (service === undefined) return openVendor(settings)
    const [key] = await pool.open(service)
    await openVendor(settings, key)
    return pooledKeys({ provider: settings.provider, service, pool, waits, open: (one) => openVendor(settings, one) })
  }
}
