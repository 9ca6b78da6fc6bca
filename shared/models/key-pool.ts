import type { ProviderKey } from '#shared/llm/provider-key.ts'

/** A request for a key. */
export type KeyRequest = {
  /** Fingerprints of the keys with which this call has failed. */
  tried: ReadonlySet<string>
  /** Tokens that the call is expected to use; only computed for keys with a limit of tokens. */
  tokens(): number
}

/** A key in use for a call. Exactly one of `end`, `limited` and `refused` must be called. */
export type KeyLease = {
  key: ProviderKey
  /** The call succeeded, or failed for a reason other than the key. @param tokens - what it used, if known */
  end(tokens?: number): Promise<void>
  /** The provider had too many calls with the key. @param retryAfterSeconds - the pause that the provider named */
  limited(retryAfterSeconds?: number): Promise<void>
  /** The provider does not know the key. */
  refused(): Promise<void>
}

/**
 * No key is free: all are limited, or all were refused by the provider, or this call has tried all of them. `retryAfterSeconds`: when the first of them
 * may be tried again.
 */
export type NoKey = { result: 'limited' | 'refused' | 'tried'; retryAfterSeconds: number }

/** Hands out the keys of services: those that work now, the least busy first. */
export type KeyPool = {
  /** The keys of a service. @throws SecretNotFoundError, InvalidSecretError */
  open(service: string): Promise<readonly ProviderKey[]>
  /**
   * The key for a call. After a secret was replaced, keys of the previous version are used while the new ones are refused.
   *
   * @throws SecretNotFoundError, InvalidSecretError
   */
  take(service: string, request: KeyRequest): Promise<({ result: 'key' } & KeyLease) | NoKey>
}
