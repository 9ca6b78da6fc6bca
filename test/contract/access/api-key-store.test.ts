import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApiKeyStore } from '#shared/access/api-key-store.ts'
import { hashOfApiKey, newApiKeyText } from '#shared/access/api-key-text.ts'
import { dynamoApiKeyStore } from '#shared/access/dynamo-api-key-store.ts'
import { memoryApiKeyStore } from '#shared/access/memory-api-key-store.ts'
import { newId } from '#shared/platform/ids.ts'
import type { ApiKey } from '#shared/protocol/api-key.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const stores: [string, () => ApiKeyStore][] = [
  ['memory', memoryApiKeyStore],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => ApiKeyStore] => [
    name,
    () => dynamoApiKeyStore(client, tables.registry),
  ]),
]

const aKey = (overrides: Partial<ApiKey> = {}): { apiKey: ApiKey; hash: string } => {
  const { keyId, text } = newApiKeyText()
  const apiKey: ApiKey = {
    keyId,
    name: 'ci',
    subject: `api-key:${keyId}`,
    roles: ['viewer'],
    scopes: ['agents:read'],
    createdBy: 'ada',
    createdAt: '2026-11-21T09:30:00.000Z',
    ...overrides,
  }
  return { apiKey, hash: hashOfApiKey(text) }
}

describe.each(stores)('ApiKeyStore on %s', (_name, open) => {
  let store: ApiKeyStore
  let tenant = ''
  beforeAll(() => {
    store = open()
  })
  beforeEach(() => {
    tenant = newId()
  })

  async function stored(overrides: Partial<ApiKey> = {}) {
    const { apiKey, hash } = aKey(overrides)
    await store.put(tenant, apiKey, hash)
    return { apiKey, hash, ref: { tenant, keyId: apiKey.keyId } }
  }

  it('finds a key by its id, and whose it is by its hash', async () => {
    const { apiKey, hash, ref } = await stored({ expiresAt: '2030-01-01T00:00:00.000Z' })

    expect(await store.get(ref)).toEqual(apiKey)
    expect(await store.find(hash)).toEqual(ref)
  })

  it('knows nothing else', async () => {
    const { ref } = await stored()

    expect(await store.get({ tenant: newId(), keyId: ref.keyId })).toBeUndefined()
    expect(await store.get({ tenant, keyId: aKey().apiKey.keyId })).toBeUndefined()
    expect(await store.find(aKey().hash)).toBeUndefined()
  })

  it('removes a key with its hash, once', async () => {
    const { hash, ref } = await stored()

    expect(await store.remove({ ...ref, tenant: newId() })).toBe('missing')
    expect(await store.remove(ref)).toBe('removed')
    expect(await store.remove(ref)).toBe('missing')
    expect(await store.get(ref)).toBeUndefined()
    expect(await store.find(hash)).toBeUndefined()
  })

  it('notes the last use of a key that is there', async () => {
    const { apiKey, ref } = await stored()
    await store.touch(ref, '2026-11-21T10:00:00.000Z')
    const { ref: gone } = await stored()
    await store.remove(gone)
    await store.touch(gone, '2026-11-21T10:00:00.000Z')

    expect(await store.get(ref)).toEqual({ ...apiKey, lastUsedAt: '2026-11-21T10:00:00.000Z' })
    expect(await store.get(gone)).toBeUndefined()
  })

  it('lists and counts those of the tenant, page by page', async () => {
    const keys = []
    for (let index = 0; index < 5; index += 1) keys.push((await stored()).apiKey.keyId)
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await store.list(tenant, { limit: 2, after })
      seen.push(...page.apiKeys.map(({ keyId }) => keyId))
      after = page.next
    } while (after !== undefined)

    expect(seen).toEqual(keys.toSorted())
    expect(await store.count(tenant)).toBe(5)
    expect(await store.count(newId())).toBe(0)
    await expect(store.list(tenant, { limit: 2, after: 'x' })).rejects.toMatchObject({ code: 'validation_error' })
  })
})
