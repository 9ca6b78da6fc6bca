import type { ProviderKey } from '#shared/llm/provider-key.ts'

/** What a call needs of a key. */
export type KeyRequest = {
  /** Fingerprints of keys that failed this call. */
  tried: ReadonlySet<string>
  /** Tokens that the call is expected to use; only asked where a key has a limit for them. */
  tokens(): number
}

/** A key that is in use for a call. Exactly one of the ends must be called. */
export type KeyLease = {
  key: ProviderKey
  /** The call has ended, well or for a reason that is not the key's. @param tokens - what it used, where that is known */
  end(tokens?: number): Promise<void>
  /** The provider had too many calls with the key. @param retryAfterSeconds - as the provider says */
  limited(retryAfterSeconds?: number): Promise<void>
  /** The provider does not know the key. */
  refused(): Promise<void>
}

/**
 * No key is free: all are limited, or the provider knows none of them, or the call has tried them and nothing else is in their way. The first one is to be
 * tried again after so many seconds.
 */
export type NoKey = { result: 'limited' | 'refused' | 'tried'; retryAfterSeconds: number }

/** The keys of services: which of them works now, and which has least to do. */
export type KeyPool = {
  /** Looks whether there are keys. @throws SecretNotFoundError, InvalidSecretError */
  open(service: string): Promise<readonly ProviderKey[]>
  /**
   * The key for a call. While a secret is replaced, the keys of the version before are there for when the new ones are refused.
   *
   * @throws SecretNotFoundError, InvalidSecretError
   */
  take(service: string, request: KeyRequest): Promise<({ result: 'key' } & KeyLease) | NoKey>
}
