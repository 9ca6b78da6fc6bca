import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { UnauthorizedError } from '#shared/platform/errors.ts'
import type { ApiKey } from '#shared/protocol/api-key.ts'
import type { ApiKeyRef, ApiKeyStore } from './api-key-store.ts'
import { hashOfApiKey, isApiKeyText } from './api-key-text.ts'
import { expandScopes } from './expand-scopes.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** How long a warm function takes a key for what it was, in milliseconds: the longest time a revoked key stays good. */
const MAX_AGE_MS = 5_000
/** How long a principal of a key lives, in milliseconds: no socket that was opened with one goes on for ever. */
const SESSION_MS = 3_600_000
/** When a use is worth another write, in milliseconds. */
const TOUCH_MS = 3_600_000
/** Keys that a container remembers. */
const MAX_REMEMBERED = 1_000

/** Verifies API keys. */
export type ApiKeys = {
  /** @throws UnauthorizedError when it is no key, or one that is unknown, revoked or over; all in the same words */
  verify(text: string): Promise<VerifiedPrincipal>
  /** For what outlives a request. @throws UnauthorizedError when the key that a principal came by is revoked or over */
  requireLive(ref: ApiKeyRef): Promise<void>
}

/** Keys behind a cache of a few seconds. A key that is not there is not remembered, so a new one is good at once. */
export function apiKeys(store: ApiKeyStore, clock: Clock): ApiKeys {
  const found = new Map<string, ApiKeyRef>()
  const read = new Map<string, { at: number; apiKey: ApiKey }>()
  const nameOf = ({ tenant, keyId }: ApiKeyRef) => `${tenant}/${keyId}`

  /** Which key a text is does not change; that it is gone is seen by its id. */
  async function find(text: string): Promise<ApiKeyRef> {
    const hash = hashOfApiKey(text)
    const ref = found.get(hash) ?? (await store.find(hash))
    if (!ref) throw refused()
    remember(found, hash, ref)
    return ref
  }

  async function live(ref: ApiKeyRef): Promise<ApiKey> {
    const now = clock.now()
    const known = read.get(nameOf(ref))
    const isFresh = known !== undefined && now - known.at < MAX_AGE_MS
    const apiKey = isFresh ? known.apiKey : await store.get(ref)
    if (!apiKey) {
      read.delete(nameOf(ref))
      throw refused()
    }
    if (!isFresh) remember(read, nameOf(ref), { at: now, apiKey })
    if (apiKey.expiresAt !== undefined && Date.parse(apiKey.expiresAt) <= now) throw refused()
    return apiKey
  }

  async function noteUse(ref: ApiKeyRef, apiKey: ApiKey): Promise<void> {
    const { lastUsedAt } = apiKey
    if (lastUsedAt !== undefined && clock.now() - Date.parse(lastUsedAt) < TOUCH_MS) return
    const used = { ...apiKey, lastUsedAt: timestamp(clock) }
    // As old as it was: a key that is used is not good for longer.
    remember(read, nameOf(ref), { at: read.get(nameOf(ref))?.at ?? 0, apiKey: used })
    await store.touch(ref, used.lastUsedAt)
  }

  return {
    async verify(text) {
      if (!isApiKeyText(text)) throw refused()
      const ref = await find(text)
      const apiKey = await live(ref)
      await noteUse(ref, apiKey)
      const { subject, roles } = apiKey
      const end = apiKey.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(apiKey.expiresAt)
      return {
        subject,
        tenant: ref.tenant,
        scopes: expandScopes(apiKey),
        ...(roles.length > 0 && { roles }),
        credential: { kind: 'api_key', id: ref.keyId },
        expiresAt: Math.min(end, clock.now() + SESSION_MS),
      }
    },
    async requireLive(ref) {
      await live(ref)
    },
  }
}

const refused = () => new UnauthorizedError('the API key is not valid')

/** Adds to a map that stays small; the oldest goes first. */
function remember<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name)
  map.set(name, value)
  const [oldest] = map.keys()
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest)
}
