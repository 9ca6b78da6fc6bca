import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isApiKeyText, newApiKeyText } from '#shared/access/api-key-text.ts'
import { authenticate } from '#shared/access/authenticate.ts'
import { createApiKey } from '#shared/access/create-api-key.ts'
import { memoryAccess } from '#shared/access/memory-access.ts'
import type { Principal } from '#shared/access/principal.ts'
import { issueTicket } from '#shared/access/tickets.ts'
import { MAX_API_KEYS } from '#shared/protocol/api-key.ts'
import { ROLES, SCOPES } from '#shared/protocol/scopes.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')
const HOUR = 3_600_000
const root: Principal = { subject: 'root', tenant: 'acme', scopes: SCOPES }

function world() {
  const time = { now: NOW }
  const access = memoryAccess('a-secret-of-at-least-thirty-two-characters', { now: () => time.now })
  const bearer = (key: string) => authenticate({ authorization: `Bearer ${key}` }, access)
  return { time, access, bearer, later: (milliseconds: number) => (time.now += milliseconds) }
}
const at = (milliseconds: number) => new Date(NOW + milliseconds).toISOString()

describe('the text of a key', () => {
  it('is told from every other one without asking anybody', () => {
    const { text, keyId } = newApiKeyText()

    expect(text).toMatch(/^slk_[0-9A-Za-z]{65}$/)
    expect(text.slice(4, 20)).toBe(keyId)
    expect(isApiKeyText(text)).toBe(true)
  })

  it('with any character changed is none', () => {
    const { text } = newApiKeyText()
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.stringMatching(/^[0-9A-Za-z]$/), (index, character) => {
        const changed = text.slice(0, index) + character + text.slice(index + 1)
        expect(isApiKeyText(changed)).toBe(changed === text)
      }),
    )
  })

  it('is never the same twice', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => newApiKeyText().text)).size).toBe(1_000)
  })
})

describe('an API key', () => {
  it('speaks for its tenant, with its own name, roles and scopes', async () => {
    const { access, bearer } = world()
    const { key, keyId } = await createApiKey(access, root, { name: 'ci', roles: ['viewer'], scopes: ['topics:*'] })

    const principal = {
      subject: `api-key:${keyId}`,
      tenant: 'acme',
      roles: ['viewer'],
      scopes: expect.arrayContaining([...ROLES.viewer, 'topics:publish']),
      credential: { kind: 'api_key', id: keyId },
    }
    expect(await bearer(key)).toMatchObject(principal)
    expect(await authenticate({ apiKey: key }, access)).toMatchObject(principal)
  })

  it('is kept as a hash alone', async () => {
    const { access } = world()
    const puts: unknown[] = []
    const { put } = access.apiKeyStore
    access.apiKeyStore.put = async (...stored) => {
      puts.push(stored)
      await put(...stored)
    }
    const { key } = await createApiKey(access, root, { name: 'ci', scopes: ['*'] })

    expect(JSON.stringify(puts)).not.toContain(key.slice(20))
    expect(JSON.stringify(await access.apiKeyStore.list('acme', { limit: 10 }))).not.toContain(key.slice(20))
  })

  it('ends within five seconds of being revoked, with its tickets', async () => {
    const { access, bearer, later } = world()
    const { key, keyId } = await createApiKey(access, root, { name: 'ci', scopes: ['*'] })
    const { ticket } = await issueTicket(await bearer(key), access)
    await access.apiKeyStore.remove({ tenant: 'acme', keyId })
    later(5_000)

    await expect(bearer(key)).rejects.toMatchObject({ code: 'unauthorized', message: 'the API key is not valid' })
    await expect(authenticate({ ticket }, access)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('ends when it says', async () => {
    const { access, bearer, later } = world()
    const { key } = await createApiKey(access, root, { name: 'ci', scopes: ['*'], expiresAt: at(HOUR / 2) })

    expect(await bearer(key)).toMatchObject({ expiresAt: NOW + HOUR / 2 })
    later(HOUR / 2)
    await expect(bearer(key)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('notes its use once an hour', async () => {
    const { access, bearer, later } = world()
    const { key, keyId } = await createApiKey(access, root, { name: 'ci', scopes: ['*'] })
    const touched: string[] = []
    const { touch } = access.apiKeyStore
    access.apiKeyStore.touch = async (ref, time) => {
      touched.push(time)
      await touch(ref, time)
    }
    for (const pause of [0, 1, 6_000, HOUR]) {
      later(pause)
      await bearer(key)
    }

    expect(touched).toEqual([at(0), at(HOUR + 6_001)])
    expect(await access.apiKeyStore.get({ tenant: 'acme', keyId })).toMatchObject({ lastUsedAt: at(HOUR + 6_001) })
  })

  it('that was never made is refused, and one that cannot be costs no look-up', async () => {
    const { access, bearer } = world()
    let lookups = 0
    const { find } = access.apiKeyStore
    access.apiKeyStore.find = async (hash) => {
      lookups += 1
      return find(hash)
    }
    await expect(bearer(newApiKeyText().text)).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(bearer(`${newApiKeyText().text.slice(0, -1)}-`)).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(bearer('slk_x')).rejects.toMatchObject({ code: 'unauthorized' })

    expect(lookups).toBe(1)
  })
})

describe('createApiKey', () => {
  const narrow: Principal = { subject: 'bob', tenant: 'acme', scopes: ['keys:write', 'agents:read'], roles: [] }

  it.each<[string, Parameters<typeof createApiKey>[2]]>([
    ['a scope', { name: 'x', scopes: ['agents:write'] }],
    ['a wildcard', { name: 'x', scopes: ['agents:*'] }],
    ['everything', { name: 'x', scopes: ['*'] }],
    ['a role', { name: 'x', roles: ['admin'] }],
    ['one more than it has', { name: 'x', scopes: ['agents:read', 'keys:read'] }],
  ])('gives nobody %s that he has not', async (_what, request) => {
    await expect(createApiKey(world().access, narrow, request)).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('gives a role to whoever has it, and not to whoever has its scopes alone', async () => {
    const { access } = world()
    const keeper = { ...narrow, scopes: [...ROLES.viewer, 'keys:write'] as const }
    const request = { name: 'x', roles: ['viewer' as const] }

    await expect(createApiKey(access, keeper, request)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(createApiKey(access, { ...keeper, roles: ['viewer'] }, request)).resolves.toMatchObject({ roles: ['viewer'] })
  })

  it('makes nothing for a key that is revoked, though it was good a moment ago', async () => {
    const { access, bearer } = world()
    const parent = await createApiKey(access, root, { name: 'p', scopes: ['keys:*'], expiresAt: at(HOUR) })
    const caller = await bearer(parent.key)
    await access.apiKeyStore.remove({ tenant: 'acme', keyId: parent.keyId })

    await expect(createApiKey(access, caller, { name: 'x', scopes: ['keys:*'] })).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('lets a key make no more than itself, and nothing that outlives it', async () => {
    const { access, bearer } = world()
    const parent = await createApiKey(access, root, { name: 'p', scopes: ['keys:*', 'agents:read'], expiresAt: at(HOUR) })
    const caller = await bearer(parent.key)

    await expect(createApiKey(access, caller, { name: 'x', scopes: ['*'] })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      createApiKey(access, caller, { name: 'x', scopes: ['agents:read'], expiresAt: at(HOUR + 1) }),
    ).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(await createApiKey(access, caller, { name: 'x', scopes: ['agents:read'] })).toMatchObject({
      expiresAt: at(HOUR),
      createdBy: parent.subject,
    })
  })

  it('expands wildcards once: a key never grows', async () => {
    expect((await createApiKey(world().access, root, { name: 'x', scopes: ['agents:*'] })).scopes).toEqual([
      'agents:read',
      'agents:write',
    ])
  })

  it('refuses an end in the past, and scopes that name nothing', async () => {
    const { access } = world()
    await expect(createApiKey(access, root, { name: 'x', scopes: ['*'], expiresAt: at(-1) })).rejects.toMatchObject({
      code: 'validation_error',
    })
    await expect(createApiKey(access, root, { name: 'x', scopes: ['nothing:read'] })).rejects.toMatchObject({
      code: 'validation_error',
    })
  })

  it('makes no more than a tenant may have', async () => {
    const { access } = world()
    for (let index = 0; index < MAX_API_KEYS; index += 1) await createApiKey(access, root, { name: 'x', scopes: ['*'] })

    await expect(createApiKey(access, root, { name: 'x', scopes: ['*'] })).rejects.toMatchObject({ code: 'quota_exceeded' })
    await expect(createApiKey(access, { ...root, tenant: 'globex' }, { name: 'x', scopes: ['*'] })).resolves.toBeDefined()
  })
})
