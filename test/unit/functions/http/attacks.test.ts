import { describe, expect, it } from 'vitest'
import type { GuardedRoute, Route } from '../../../../functions/http/route.ts'
import { ROUTES } from '../../../../functions/http/route-table.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

/** What an attacker would look for in an answer. */
const MARK = '<script>mark</script>'
const ID = '019a0000-0000-7000-8000-000000000000'

const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

const HOSTILE_BODIES: Record<string, string> = {
  'no JSON': `{"name":"${MARK}"`,
  'nothing but a number': '1e999',
  'a list in place of an object': `["${MARK}"]`,
  'an infinite number': `{"name":"${MARK}","input":{"content":"x","n":1e999},"data":1e999}`,
  'a lone surrogate': `{"name":"\\ud800","input":{"content":"\\udfff"},"data":{"text":"\\ud800"}}`,
  'a prototype': `{"__proto__":{"scopes":["*"],"mark":"${MARK}"},"name":"x"}`,
  'a constructor': `{"constructor":{"prototype":{"mark":"${MARK}"}}}`,
  '31 levels': deep(31),
  '10,000 levels': deep(10_000),
  'too many containers': `{"data":[${'{},'.repeat(100_001)}{}]}`,
  'a long key': JSON.stringify({ ['k'.repeat(2_000)]: MARK }),
  'the wrong types everywhere': JSON.stringify({
    name: { $gt: '' },
    agentId: ['a'],
    input: 7,
    data: null,
    messages: {},
    query: [MARK],
    topic: 1,
  }),
  'forged fields': JSON.stringify({ tenant: 'globex', subject: 'root', scopes: ['*'], roles: ['admin'], mark: MARK }),
  'an expression in place of an id': JSON.stringify({
    agentId: `' OR 1=1; --`,
    name: `a\u0000${MARK}`,
    executionId: `T#globex#EXEC`,
  }),
}

const HOSTILE_PARAMS = [
  '..',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  'a%2Fb',
  'a%00b',
  'a%0d%0aset-cookie:%20x=1',
  'T%23globex%23AGENT',
  "'%20OR%201=1",
  '%F0%9F%98%80',
  '%ED%A0%80',
  'x'.repeat(5_000),
]

const nameOf = ({ method, path }: Route): string => `${method} ${path}`
const pathOf = ({ path }: Route, param = ID): string =>
  (param === ID ? path.replace('{provider}', 'openai') : path).replaceAll(/\{[^}]+\}/g, param)
const isGuarded = (route: Route): route is GuardedRoute => route.scope !== 'none'
const guarded = ROUTES.filter(isGuarded)

/** What no answer has, whatever was sent. */
function expectHarmless(answer: Awaited<ReturnType<ReturnType<typeof httpCaller>['call']>>): void {
  expect(answer.status).toBeLessThan(500)
  expect(JSON.stringify(answer.body)).not.toContain(MARK)
  for (const [name, value] of Object.entries(answer.headers)) expect(`${name}: ${value}`).not.toMatch(/[\r\n\0]|set-cookie/i)
  expect(({} as Record<string, unknown>).mark).toBeUndefined()
}

describe.each(guarded.filter(({ body }) => body).map((route) => [nameOf(route), route] as const))('%s', (_, route) => {
  it.each(Object.entries(HOSTILE_BODIES))('withstands %s', async (_name, body) => {
    const { call } = httpCaller()

    const answer = await call(route.method, pathOf(route), { body })

    expectHarmless(answer)
  })

  it('takes no body that is not UTF-8', async () => {
    const { call } = httpCaller()
    const invalid = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])

    const answer = await call(route.method, pathOf(route), { raw: invalid })

    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_error' } })
  })

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain;charset=UTF-8', 'TEXT/PLAIN'])(
    'takes no %s, which a form of any page can send',
    async (type) => {
      const { call } = httpCaller()

      const answer = await call(route.method, pathOf(route), { headers: { 'Content-Type': type }, body: {} })

      expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    },
  )

  it('takes no more bytes than it says', async () => {
    const { call } = httpCaller()
    const body = JSON.stringify({ name: 'x'.repeat((route.maxBodyBytes ?? 200 * 1_024) + 1) })

    const answer = await call(route.method, pathOf(route), { body })

    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large' } })
  })
})

describe.each(guarded.filter(({ params }) => params).map((route) => [nameOf(route), route] as const))(
  'the path of %s',
  (_, route) => {
    it.each(HOSTILE_PARAMS)('withstands %.40s', async (param) => {
      const { call } = httpCaller()

      const answer = await call(route.method, pathOf(route, param), { body: {} })

      expectHarmless(answer)
      expect(answer.status).toBeGreaterThanOrEqual(400)
    })
  },
)

describe.each(guarded.map((route) => [nameOf(route), route] as const))('the query and headers of %s', (_, route) => {
  it.each<Record<string, string>>([
    { after: 'x'.repeat(5_000) },
    { after: '%00' },
    { after: MARK, limit: '1e999' },
    { limit: '-1' },
    { __proto__x: '1', constructor: MARK },
  ])('withstand %o', async (query) => {
    const { call } = httpCaller()

    expectHarmless(await call(route.method, pathOf(route), { query, body: {} }))
  })

  it('withstand headers that are to be repeated', async () => {
    const { call } = httpCaller()
    const forged = 'a\r\nset-cookie: x=1'
    const headers = { 'X-Request-Id': forged, 'Idempotency-Key': forged, Origin: forged, Prefer: forged, 'If-Match': forged }

    const answer = await call(route.method, pathOf(route), { headers, body: {} })

    expectHarmless(answer)
    expect(answer.headers['x-request-id']).toBe('request-1')
  })
})

describe('a long query', () => {
  it('is refused before it is looked at', async () => {
    const { call } = httpCaller()

    const answer = await call('GET', '/v1/agents', { query: { after: 'x'.repeat(4_096) } })

    expect(answer).toMatchObject({ status: 422, body: { detail: 'the query is longer than 4096 characters' } })
  })
})
