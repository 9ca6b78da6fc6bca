import { createHmac } from 'node:crypto'
import { exportJWK, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { oidcKeys } from '#shared/access/oidc-keys.ts'
import { oidcVerifier } from '#shared/access/oidc-verifier.ts'
import { identityProvider, publicText, type SigningKey, signingKeyPair } from '../../helpers/identity-provider.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')
const seconds = NOW / 1_000

describe('oidcVerifier', () => {
  let first: SigningKey
  let second: SigningKey
  let provider: Awaited<ReturnType<typeof identityProvider>>
  beforeAll(async () => {
    first = await signingKeyPair('k1')
    second = await signingKeyPair('k2')
    provider = await identityProvider([first])
  })
  beforeEach(() => {
    provider.publish(first)
    provider.answerWith({ status: 200 })
    provider.requests.length = 0
  })
  afterAll(() => provider.close())

  /** A function that has just started. */
  function verifier() {
    const time = { now: NOW }
    const clock = { now: () => time.now }
    const settings = {
      issuer: provider.issuer,
      audience: 'sluice-api',
      tenantClaim: 'https://example.com/tenant',
      rolesClaim: 'cognito:groups',
      scopesClaim: 'scope',
    }
    return { time, verify: oidcVerifier(settings, oidcKeys({ issuer: provider.issuer, allowPrivate: true, clock }), clock) }
  }
  const keyCalls = () => provider.requests.filter((path) => path === '/keys').length
  const sign = (claims?: Record<string, unknown>, header?: Parameters<typeof provider.sign>[3], key = first) =>
    provider.sign(key, NOW, claims, header)

  it('takes a token of the provider, with its tenant, and roles and scopes that are ours', async () => {
    const token = await sign({
      scope: 'openid agents:read sluice-api/topics:* other/queues:write',
      'cognito:groups': ['viewer', 'staff'],
    })

    expect(await verifier().verify(token)).toMatchObject({
      subject: 'auth0|ada',
      tenant: 'acme',
      roles: ['viewer'],
      scopes: expect.arrayContaining(['agents:read', 'topics:publish', 'executions:read']),
      credential: { kind: 'oidc', id: 'token-1' },
      expiresAt: NOW + 605_000,
    })
    expect((await verifier().verify(token)).scopes).not.toContain('queues:write')
  })

  it('gives nothing to whoever has no role and no scope', async () => {
    expect(await verifier().verify(await sign())).toMatchObject({ scopes: [] })
  })

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('takes %s', async (alg) => {
    const key = await signingKeyPair('k3', alg)
    provider.publish(key)

    expect(await verifier().verify(await sign({}, {}, key))).toMatchObject({ subject: 'auth0|ada' })
  })

  it.each([undefined, 'JWT', 'at+jwt', 'application/at+jwt'])('takes the type %s', async (typ) => {
    expect(await verifier().verify(await sign({}, typ === undefined ? {} : { typ }))).toMatchObject({ tenant: 'acme' })
  })

  describe('refuses', () => {
    const refused = { name: 'UnauthorizedError', message: 'the access token is not valid' }
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

    it.each<[string, Record<string, unknown>]>([
      ['another issuer', { iss: 'https://evil.example' }],
      ['another audience', { aud: 'another-api' }],
      ['no audience', { aud: undefined }],
      ['an expired token', { exp: seconds - 60 }],
      ['a token without end', { exp: undefined }],
      ['a token not valid yet', { nbf: seconds + 60 }],
      ['no subject', { sub: undefined }],
      ['no tenant', { 'https://example.com/tenant': undefined }],
      ['a tenant that would break out of a key', { 'https://example.com/tenant': 'acme#KEY' }],
      ['a list of tenants', { 'https://example.com/tenant': ['acme'] }],
      ['a subject that is too long', { sub: 'a'.repeat(129) }],
    ])('%s', async (_what, claims) => {
      await expect(verifier().verify(await sign(claims))).rejects.toMatchObject(refused)
    })

    it.each(['logout+jwt', 'secevent+jwt', 'dpop+jwt'])('the type %s', async (typ) => {
      await expect(verifier().verify(await sign({}, { typ }))).rejects.toMatchObject(refused)
    })

    it('alg none', async () => {
      const token = new UnsecuredJWT({ iss: provider.issuer, aud: 'sluice-api', sub: 'eve', exp: seconds + 60 }).encode()
      await expect(verifier().verify(token)).rejects.toMatchObject(refused)
    })

    it('a token that is signed with the public key as if it were a secret', async () => {
      const claims = {
        iss: provider.issuer,
        aud: 'sluice-api',
        sub: 'eve',
        'https://example.com/tenant': 'acme',
        exp: seconds + 60,
      }
      const signed = `${part({ alg: 'HS256', typ: 'JWT', kid: 'k1' })}.${part(claims)}`
      const signature = createHmac('sha256', await publicText(first))
        .update(signed)
        .digest('base64url')
      await expect(verifier().verify(`${signed}.${signature}`)).rejects.toMatchObject(refused)
    })

    it('a key that the token brings, or says where to find', async () => {
      const foreign = await signingKeyPair('k1')
      const jwk = await exportJWK(foreign.publicKey)
      const elsewhere = await identityProvider([foreign])
      const headers = [{ jwk }, { jku: `${elsewhere.issuer}/keys` }, { x5u: `${elsewhere.issuer}/keys` }, {}]
      const { verify } = verifier()

      for (const header of headers) await expect(verify(await sign({}, header, foreign))).rejects.toMatchObject(refused)
      expect(elsewhere.requests).toEqual([])
      await elsewhere.close()
    })

    it.each(['', 'x', 'a.b.c', 'a.b.c.d.e'])('what is no token: "%s"', async (token) => {
      await expect(verifier().verify(token)).rejects.toMatchObject(refused)
    })
  })

  describe('keys', () => {
    it('are asked for once', async () => {
      const { verify } = verifier()
      await Promise.all(Array.from({ length: 5 }, async () => verify(await sign())))

      expect(provider.requests).toEqual(['/.well-known/openid-configuration', '/keys'])
    })

    it('that are new are found, and those that are withdrawn end', async () => {
      const { verify, time } = verifier()
      await verify(await sign())
      provider.publish(second)
      time.now += 10 * 60_000 + 1
      const later = (key: SigningKey) => provider.sign(key, time.now)

      await expect(verify(await later(second))).resolves.toMatchObject({ tenant: 'acme' })
      await expect(verify(await later(first))).rejects.toMatchObject({ code: 'unauthorized' })
    })

    it('that nobody knows cost one call, however many there are', async () => {
      const { verify } = verifier()
      await verify(await sign())
      for (let index = 0; index < 50; index += 1)
        await expect(verify(await sign({}, { kid: `made-up-${index}` }))).rejects.toMatchObject({ code: 'unauthorized' })

      expect(keyCalls()).toBe(1)
    })

    it('that are known stay good while the provider is out', async () => {
      const { verify, time } = verifier()
      await verify(await sign())
      provider.answerWith({ status: 503 })
      time.now += 10 * 60_000 + 1
      const token = await provider.sign(first, time.now)
      const before = keyCalls()

      await expect(verify(token)).resolves.toMatchObject({ tenant: 'acme' })
      await expect(verify(token)).resolves.toMatchObject({ tenant: 'acme' })
      expect(keyCalls() - before).toBe(1)
    })

    it.each<[string, { status: number; body?: string }]>([
      ['is out', { status: 500 }],
      ['sends us elsewhere', { status: 302 }],
      ['says nothing that can be read', { status: 200, body: '<html>' }],
      [
        'is another one',
        { status: 200, body: JSON.stringify({ issuer: 'https://evil.example', jwks_uri: 'https://evil.example/k' }) },
      ],
      ['says more than anybody reads', { status: 200, body: `{"x":"${'x'.repeat(300_000)}"}` }],
    ])('are not had when the provider %s: nobody gets in, and it is asked once in a while', async (_what, answer) => {
      const { verify, time } = verifier()
      provider.answerWith(answer)
      for (let index = 0; index < 5; index += 1) await expect(verify(await sign())).rejects.toMatchObject({ code: 'unavailable' })
      expect(provider.requests).toHaveLength(1)

      provider.answerWith({ status: 200 })
      time.now += 30_001
      await expect(verify(await provider.sign(first, time.now))).resolves.toMatchObject({ tenant: 'acme' })
    })
  })

  it('does not look inside the network, but on the stage local', async () => {
    const clock = { now: () => NOW }
    const settings = { issuer: provider.issuer, audience: 'sluice-api', tenantClaim: 'tenant' }
    const verify = oidcVerifier(settings, oidcKeys({ issuer: provider.issuer, allowPrivate: false, clock }), clock)

    await expect(verify(await sign())).rejects.toMatchObject({ code: 'unavailable' })
    expect(provider.requests).toEqual([])
  })
})
