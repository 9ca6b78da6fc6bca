import { describe, expect, it } from 'vitest'
import { streamDoor } from '../../../helpers/stream-door.ts'

const ORIGIN = 'https://app.example.com'

describe('rates', () => {
  it('are taken by streams that are opened and by executions that run', async () => {
    const door = await streamDoor({ limits: { requestsPerMinute: 2 } })
    await door.withExecution()
    const headers = await door.bearer()
    const open = () => door.get({ path: '/streams/executions/e1', headers, ms: 5_001 })

    const first = await open()
    const run = await door.run(undefined, { headers })
    run.response.resume()
    await run.done
    const third = await open()

    expect(first.head?.headers).toMatchObject({
      'ratelimit-policy': '"principal";q=2;w=60',
      ratelimit: expect.stringMatching(/^"principal";r=1;t=\d+$/),
    })
    expect(third.head).toMatchObject({
      statusCode: 429,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/), ratelimit: expect.stringMatching(/^"principal";r=0;t=\d+$/) },
    })
    expect(JSON.parse(third.text)).toMatchObject({ code: 'rate_limit' })
  })
})

describe('the quota of executions', () => {
  it('refuses a direct run until midnight UTC', async () => {
    const door = await streamDoor({ limits: { countExecutions: async () => 5, maxExecutionsPerDay: 5 } })

    const { head, text } = await door.get({
      method: 'POST',
      path: '/streams/executions',
      headers: await door.bearer(),
      body: JSON.stringify({ agentId: 'assistant', input: { content: 'Hi' } }),
    })

    expect(head).toMatchObject({ statusCode: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } })
    expect(JSON.parse(text)).toMatchObject({ code: 'quota_exceeded' })
  })
})

describe('the id of a request', () => {
  it('stands in every answer', async () => {
    const door = await streamDoor()

    const refused = await door.get({ path: '/streams/executions/e1', headers: { 'x-request-id': 'trace-1' } })
    const own = await door.get({ path: '/streams/nowhere', headers: { 'x-request-id': 'a b' } })

    expect(refused.head?.headers['x-request-id']).toBe('trace-1')
    expect(JSON.parse(refused.text)).toMatchObject({ requestId: 'trace-1' })
    expect(own.head?.headers['x-request-id']).toBe('req-1')
  })
})

describe('pages of other origins', () => {
  it.each([
    ['/streams/executions', 'POST, OPTIONS'],
    ['/streams/executions/e1', 'GET, OPTIONS'],
    ['/streams/events', 'GET, OPTIONS'],
  ])('may ask what %s takes', async (path, methods) => {
    const door = await streamDoor({ corsOrigins: [ORIGIN] })

    const { head } = await door.get({ method: 'OPTIONS', path, headers: { origin: ORIGIN } })

    expect(head).toMatchObject({
      statusCode: 204,
      headers: { allow: methods, 'access-control-allow-origin': ORIGIN, 'access-control-allow-methods': methods },
    })
    expect(head?.headers['access-control-allow-headers']).toContain('X-Sluice-Authorization')
  })

  it('may read a stream, and others may not', async () => {
    const door = await streamDoor({ corsOrigins: [ORIGIN] })
    await door.withExecution()
    const open = async (origin: string) =>
      door.get({ path: '/streams/executions/e1', headers: { ...(await door.bearer()), origin }, ms: 5_001 })

    const [allowed, other] = [await open(ORIGIN), await open('https://evil.example.com')]

    expect(allowed.head?.headers['access-control-allow-origin']).toBe(ORIGIN)
    expect(other.head?.headers).not.toHaveProperty('access-control-allow-origin')
  })
})
