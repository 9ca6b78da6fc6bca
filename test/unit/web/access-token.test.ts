import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAccessToken } from '../../../web/console/access-token.ts'

const jwt = (claims: unknown): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`

describe('readAccessToken', () => {
  it('reads the claims, whatever characters they have', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.nat(), (sub, tenant, exp) => {
        const token = jwt({ sub, tenant, exp })
        expect(readAccessToken(token)).toEqual({ token, subject: sub.toWellFormed(), tenant, expiresAt: exp * 1_000 })
      }),
    )
  })

  it.each(['', 'abc', 'a.b.c', 'a.!.c', jwt('text'), jwt(null), jwt({ sub: 'ada', tenant: 'default' })])(
    'refuses %s',
    (token) => {
      expect(readAccessToken(token)).toBeUndefined()
    },
  )

  it('reads tokens of an identity provider, which names the tenant in its own way', () => {
    const token = jwt({ sub: 'auth0|ada', 'https://example.com/tenant': 'acme', exp: 1 })
    expect(readAccessToken(token)).toEqual({ token, subject: 'auth0|ada', tenant: '', expiresAt: 1_000 })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        readAccessToken(text)
      }),
    )
  })
})
