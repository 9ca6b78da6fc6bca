import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { signedHeaders, signingKeyOf } from '#shared/webhooks/signature.ts'

const SECRET = 'a-secret-of-at-least-thirty-two-characters'
const now = () => Math.floor(Date.now() / 1_000)

describe('signedHeaders', () => {
  it('signs as the published example of Standard Webhooks', () => {
    const letter = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' }

    expect(signedHeaders(letter, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('is verified by the library for whatever is sent', () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ minLength: 1 }), (body, tenant) => {
        const key = signingKeyOf(SECRET, tenant)

        const headers = signedHeaders({ id: 'd-1', timestamp: now(), body }, key)

        expect(new Webhook(key).verify(body, headers)).toEqual(JSON.parse(body))
      }),
    )
  })

  it.each([
    ['body', { body: '{"amount":2}' }],
    ['id', { 'webhook-id': 'd-2' }],
    ['time', { 'webhook-timestamp': String(now() - 1) }],
  ])('is refused by the library when somebody changed the %s', (_what, change) => {
    const key = signingKeyOf(SECRET, 'acme')
    const letter = { id: 'd-1', timestamp: now(), body: '{"amount":1}' }

    const forged = { body: letter.body, ...signedHeaders(letter, key), ...change }

    expect(() => new Webhook(key).verify(forged.body, forged)).toThrow('No matching signature')
  })
})

describe('signingKeyOf', () => {
  it('gives a tenant the same key every time, and 256 bits of it', () => {
    const key = signingKeyOf(SECRET, 'acme')

    expect(key).toBe(signingKeyOf(SECRET, 'acme'))
    expect(Buffer.from(key.replace('whsec_', ''), 'base64')).toHaveLength(32)
  })

  it('gives another tenant, and another secret, another key', () => {
    const keys = [signingKeyOf(SECRET, 'acme'), signingKeyOf(SECRET, 'globex'), signingKeyOf(`${SECRET}!`, 'acme')]

    expect(new Set(keys).size).toBe(3)
  })
})
