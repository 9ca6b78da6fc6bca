import { request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LocalSignIn } from '#shared/protocol/local-sign-in.ts'
import { type FrontDoor, startFrontDoor } from '../../../localstack/front-door/front-door.ts'

const ada: LocalSignIn = { subject: 'ada', tenant: 'acme', role: 'viewer' }

const options = {
  port: 0,
  endpointUrl: 'http://127.0.0.1:1',
  httpApiId: 'api',
  socketApiId: 'ws',
  streamUrl: 'http://127.0.0.1:1',
  consoleDirectory: '/nowhere',
}

/** `fetch` sets Host and Origin itself: an attacker's are written by hand. */
async function call(door: FrontDoor, path: string, method: string, headers: Record<string, string>, body = '') {
  const { port } = new URL(door.url)
  const request = httpRequest({ host: '127.0.0.1', port, path, method, headers: { host: `localhost:${port}`, ...headers } })
  const answered = Promise.withResolvers<{ status: number; body: Record<string, unknown> }>()
  request.once('error', answered.reject)
  request.once('response', async (response) => {
    const answer = await text(response)
    answered.resolve({ status: response.statusCode ?? 0, body: answer.startsWith('{') ? JSON.parse(answer) : {} })
  })
  request.end(body)
  return answered.promise
}

describe('POST /local/sign-in', () => {
  let door: FrontDoor
  const minted: LocalSignIn[] = []
  beforeAll(async () => {
    door = await startFrontDoor({
      ...options,
      async signIn(asked) {
        minted.push(asked)
        return 'a-token'
      },
    })
  })
  beforeEach(() => {
    minted.length = 0
  })
  afterAll(() => door.close())

  const own = () => ({ origin: door.url, 'content-type': 'application/json' })
  const post = (headers: Record<string, string>, body = JSON.stringify(ada)) =>
    call(door, '/local/sign-in', 'POST', headers, body)

  it('says that it is there', async () => {
    expect(await call(door, '/local/sign-in', 'GET', {})).toEqual({ status: 200, body: { signIn: true } })
  })

  it('gives a token to the console of its own origin', async () => {
    expect(await post(own())).toEqual({ status: 201, body: { token: 'a-token' } })
    expect(await post({ ...own(), 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 201 })
    expect(minted).toEqual([ada, ada])
  })

  it.each<[string, (port: string) => Record<string, string>, number]>([
    ['a page of another origin', () => ({ origin: 'https://evil.example' }), 403],
    ['a page of another port of this machine', () => ({ origin: 'http://localhost:1' }), 403],
    ['a page in a sandbox', () => ({ origin: 'null' }), 403],
    [
      'a name that was made to lead here',
      (port) => ({ host: `evil.example:${port}`, origin: `http://evil.example:${port}` }),
      403,
    ],
    ['a name that only begins like ours', (port) => ({ host: `localhost.evil.example:${port}` }), 403],
    ['a host with our name as its user', (port) => ({ host: `localhost@evil.example:${port}` }), 403],
    ['a host of another port', () => ({ host: 'localhost:1', origin: 'http://localhost:1' }), 403],
    ['a browser that says it comes from elsewhere', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
    ['a form', () => ({ 'content-type': 'application/x-www-form-urlencoded' }), 422],
    ['a text, which needs no question before it', () => ({ 'content-type': 'text/plain' }), 422],
    ['a type that only begins like JSON', () => ({ 'content-type': 'application/jsonp' }), 422],
  ])('mints nothing for %s', async (_what, forged, status) => {
    expect(await post({ ...own(), ...forged(new URL(door.url).port) })).toMatchObject({ status })
    expect(minted).toEqual([])
  })

  it('mints nothing for whoever does not say where he is from', async () => {
    expect(await post({ 'content-type': 'application/json' })).toMatchObject({ status: 403 })
    expect(minted).toEqual([])
  })

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['nothing', ''],
    ['a tenant that would break out of a key', JSON.stringify({ ...ada, tenant: 'acme#KEY' })],
    ['a role that there is not', JSON.stringify({ ...ada, role: 'root' })],
    ['a role of every object', JSON.stringify({ ...ada, role: 'constructor' })],
    ['more than it asks for', JSON.stringify({ ...ada, scopes: ['*'] })],
    ['an empty name', JSON.stringify({ ...ada, subject: ' ' })],
  ])('refuses %s', async (_what, body) => {
    expect(await post(own(), body)).toMatchObject({ status: 422 })
    expect(minted).toEqual([])
  })

  it('reads no more than it must', async () => {
    expect(await post(own(), JSON.stringify({ ...ada, subject: 'a'.repeat(5_000) }))).toMatchObject({ status: 413 })
  })

  it('knows two methods', async () => {
    expect(await call(door, '/local/sign-in', 'PUT', own())).toMatchObject({ status: 405 })
  })
})

describe('a front door', () => {
  it('has no sign-in where nobody gave it one', async () => {
    const door = await startFrontDoor(options)
    const answer = await call(door, '/local/sign-in', 'GET', {})
    await door.close()

    expect(answer.body).not.toHaveProperty('signIn')
  })

  describe('without authentication', () => {
    let door: FrontDoor
    beforeAll(async () => {
      door = await startFrontDoor({ ...options, open: true })
    })
    afterAll(() => door.close())

    it.each<[string, Record<string, string>]>([
      ['a page of another origin', { origin: 'https://evil.example' }],
      ['a name that was made to lead here', { host: 'evil.example' }],
    ])('lets nothing in from %s', async (_what, headers) => {
      expect(await call(door, '/v1/agents', 'GET', headers)).toMatchObject({ status: 403 })
    })

    it('lets this machine in', async () => {
      // Nothing is behind this one.
      expect(await call(door, '/v1/agents', 'GET', {})).toMatchObject({ status: 502 })
      expect(await call(door, '/v1/agents', 'GET', { origin: door.url })).toMatchObject({ status: 502 })
    })
  })
})
