import type { ProviderKey } from '#shared/llm/provider-key.ts'
import type { KeyState } from './key-state.ts'

/** What a call needs of a key. */
export type KeyRequest = {
  /** Fingerprints of keys that failed this call. */
  tried: ReadonlySet<string>
  /** What the call is expected to use. */
  tokens: number
}

/** A key that is in use for a call. One of the ends must be called, once. */
export type KeyLease = {
  key: ProviderKey
  /** The call has ended, well or otherwise. @param tokens - what it used, where that is known */
  end(tokens?: number): Promise<void>
  /** The provider did not take the key. @param retryAfterSeconds - as the provider says */
  limited(retryAfterSeconds?: number): Promise<void>
  refused(): Promise<void>
}

/** No key is free; at `at`, milliseconds since the epoch, the first one is. `refused`: the provider took none of them. */
export type NoKey = { result: 'limited' | 'refused'; at: number }

/** The keys of services: which of them works now, and which has least to do. */
export type KeyPool = {
  /** @throws SecretNotFoundError, InvalidSecretError */
  open(service: string): Promise<readonly ProviderKey[]>
  /**
   * The key for a call, with its states of at most some seconds ago. While a secret is replaced, the keys of the version before are there for when the
   * new ones are refused.
   *
   * @throws SecretNotFoundError, InvalidSecretError
   */
  take(service: string, request: KeyRequest): Promise<({ result: 'key' } & KeyLease) | NoKey>
}

/** States of a service's keys for a reader that must not have the keys. */
export type KeyStates = (service: string) => Promise<KeyState[]>
