import type { ApiKey, ApiKeyList } from '#shared/protocol/api-key.ts'

/** Which key is meant. */
export type ApiKeyRef = { tenant: string; keyId: string }

/** API keys by tenant and id, and by the SHA-256 of their text, which is all that is kept of it. Reads are consistent. */
export type ApiKeyStore = {
  /** Stores a new key under its id and its hash, both or neither. */
  put(tenant: string, apiKey: ApiKey, hash: string): Promise<void>
  get(ref: ApiKeyRef): Promise<ApiKey | undefined>
  /** Whose key has this hash. The time of the look-up says nothing about any key: an attacker does not choose the bits of a hash. */
  find(hash: string): Promise<ApiKeyRef | undefined>
  /** By id. @throws ValidationError for a cursor that is none */
  list(tenant: string, page: { limit: number; after?: string | undefined }): Promise<ApiKeyList>
  count(tenant: string): Promise<number>
  /** Removes a key, with its hash. */
  remove(ref: ApiKeyRef): Promise<'removed' | 'missing'>
  /** Notes when a key was used. Nothing happens to a key that was removed. */
  touch(ref: ApiKeyRef, lastUsedAt: string): Promise<void>
}
