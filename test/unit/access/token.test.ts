import fc from 'fast-check'
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { mintToken, verifyToken } from '#shared/access/token.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'

const SECRET = 'a-secret-of-at-least-thirty-two-characters'
const NOW = Date.parse('2026-11-21T09:30:00Z')
const clock = { now: () => NOW }
const seconds = NOW / 1_000

const request = { subject: 'ada', tenant: 'acme', scopes: ['agents:read'] as const, expiresInSeconds: 3_600 }

type Claims = Record<string, unknown>
const claims = (overrides: Claims = {}): Claims => ({
  iss: 'sluice',
  aud: 'sluice',
  sub: 'ada',
  tenant: 'acme',
  scope: 'agents:read',
  exp: seconds + 3_600,
  ...overrides,
})
const sign = (payload: Claims, secret = SECRET, alg = 'HS256') =>
  new SignJWT(payload).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret))

describe('mintToken and verifyToken', () => {
  it('give back the principal', async () => {
    const token = await mintToken(request, SECRET, clock)

    await expect(verifyToken(token, [SECRET], clock)).resolves.toEqual({
      subject: 'ada',
      tenant: 'acme',
      scopes: ['agents:read'],
      credential: { kind: 'token', id: expect.any(String) },
      // As long as it is accepted: clocks may be five seconds apart.
      expiresAt: NOW + 3_605_000,
    })
  })

  it('give back any principal', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 128, unit: 'grapheme-ascii' }),
        fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/),
        fc.subarray([...SCOPES]),
        async (subject, tenant, scopes) => {
          const token = await mintToken({ subject, tenant, scopes, expiresInSeconds: 60 }, SECRET, clock)
          expect(await verifyToken(token, [SECRET], clock)).toMatchObject({ subject, tenant, scopes, expiresAt: NOW + 65_000 })
        },
      ),
      { numRuns: 50 },
    )
  })

  it('leave out scopes they do not know', async () => {
    const token = await sign(claims({ scope: 'agents:read admin:everything  executions:read' }))

    await expect(verifyToken(token, [SECRET], clock)).resolves.toMatchObject({ scopes: ['agents:read', 'executions:read'] })
  })

  it('allow for clocks a little apart, and no more', async () => {
    await expect(verifyToken(await sign(claims({ exp: seconds - 4 })), [SECRET], clock)).resolves.toBeDefined()
    await expect(verifyToken(await sign(claims({ exp: seconds - 6 })), [SECRET], clock)).rejects.toMatchObject({
      code: 'unauthorized',
    })
  })
})

describe('verifyToken refuses', () => {
  const { exp: _, ...withoutExpiry } = claims()

  it.each<[string, () => Promise<string> | string]>([
    ['another secret', () => sign(claims(), 'another-secret-of-at-least-thirty-two-chars')],
    ['alg none', () => new UnsecuredJWT(claims()).encode()],
    ['alg HS512', () => sign(claims(), SECRET, 'HS512')],
    ['no expiry', () => sign(withoutExpiry)],
    ['an expired token', () => sign(claims({ exp: seconds - 60 }))],
    ['a token not valid yet', () => sign(claims({ nbf: seconds + 60 }))],
    ['another issuer', () => sign(claims({ iss: 'somebody' }))],
    ['another audience', () => sign(claims({ aud: 'somebody' }))],
    ['no tenant', () => sign(claims({ tenant: undefined }))],
    ['a tenant that would break out of a key', () => sign(claims({ tenant: 'acme#AGENT' }))],
    ['an empty tenant', () => sign(claims({ tenant: '' }))],
    ['no subject', () => sign(claims({ sub: undefined }))],
    ['scopes as a list', () => sign(claims({ scope: ['agents:read'] }))],
    ['text that is no token', () => 'not.a.token'],
    ['an empty text', () => ''],
  ])('%s', async (_what, make) => {
    const token = await make()

    await expect(verifyToken(token, [SECRET], clock)).rejects.toMatchObject({
      name: 'UnauthorizedError',
      message: 'the access token is not valid',
    })
  })

  it('a token whose payload was changed', async () => {
    const [header, , signature] = (await mintToken(request, SECRET, clock)).split('.')
    const payload = Buffer.from(JSON.stringify(claims({ tenant: 'globex' }))).toString('base64url')

    await expect(verifyToken(`${header}.${payload}.${signature}`, [SECRET], clock)).rejects.toMatchObject({
      code: 'unauthorized',
    })
  })

  it.each([[''], ['short']])('everybody when the secret is "%s"', async (secret) => {
    await expect(verifyToken(await sign(claims(), secret || ' '), [secret], clock)).rejects.toMatchObject({
      name: 'ConfigError',
      expose: false,
    })
    await expect(mintToken(request, secret, clock)).rejects.toMatchObject({ name: 'ConfigError' })
  })
})
