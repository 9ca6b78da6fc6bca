import { describe, expect, it } from 'vitest'
import { topicEventPageSchema } from '#shared/protocol/execution.ts'
import { MAX_DATA_DEPTH } from '#shared/protocol/json-depth.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'
import { aMessage } from '../../../helpers/streams.ts'

describe('POST /v1/topics/{topic}/messages', () => {
  it('publishes in the name of the caller', async () => {
    const { call, bus } = httpCaller()

    const answer = await call('POST', '/v1/topics/questions/messages', {
      body: { id: 'm-1', source: '/principals/bob', data: { content: 'Why?' } },
    })

    expect(answer).toMatchObject({ status: 202, body: { messageId: 'm-1', topic: 'questions' } })
    expect(bus.published).toMatchObject([
      { tenant: 'acme', envelope: { id: 'm-1', topic: 'questions', source: '/principals/ada', data: { content: 'Why?' } } },
    ])
  })

  it('makes the same message of the same key', async () => {
    const { call } = httpCaller()
    const publish = () =>
      call('POST', '/v1/topics/questions/messages', { headers: { 'Idempotency-Key': 'key-1' }, body: { data: 1 } })

    expect((await publish()).body).toEqual((await publish()).body)
  })

  it.each([
    ['a tenant', { tenant: 'globex', data: 1 }],
    ['another topic', { topic: 'answers', data: 1 }],
    ['no data', {}],
    ['nesting without end', `{"data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
  ])('refuses %s', async (_what, body) => {
    const { call, bus } = httpCaller()

    expect(await call('POST', '/v1/topics/questions/messages', { body })).toMatchObject({ status: 422 })
    expect(bus.published).toEqual([])
  })

  it('accepts data as deep as can be dispatched, and no deeper', async () => {
    const { call, bus } = httpCaller()
    const publish = (levels: number) =>
      call('POST', '/v1/topics/questions/messages', { body: `{"data":${'['.repeat(levels)}${']'.repeat(levels)}}` })

    expect(await publish(MAX_DATA_DEPTH)).toMatchObject({ status: 202 })
    expect(await publish(MAX_DATA_DEPTH + 1)).toMatchObject({ status: 422, body: { errors: [{ path: 'data' }] } })
    expect(bus.published).toHaveLength(1)
  })

  it('refuses a topic that is no name', async () => {
    expect(await httpCaller().call('POST', '/v1/topics/a#b/messages', { body: { data: 1 } })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'topic' }] },
    })
  })

  it('refuses a body that is too large, and one that its envelope makes too large', async () => {
    const { call } = httpCaller()
    const bodyOf = (bytes: number) => `{"data":"${'x'.repeat(bytes - 11)}"}`

    for (const bytes of [MAX_MESSAGE_BYTES + 1, MAX_MESSAGE_BYTES]) {
      expect(await call('POST', '/v1/topics/questions/messages', { body: bodyOf(bytes) })).toMatchObject({
        status: 413,
        body: { code: 'payload_too_large' },
      })
    }
  })

  it('lets no key of the data change a prototype', async () => {
    const { call, bus } = httpCaller()

    await call('POST', '/v1/topics/questions/messages', {
      body: '{"data":{"__proto__":{"admin":true},"constructor":{"prototype":{}}}}',
    })

    expect(Reflect.get(Object(bus.published[0]?.envelope.data), 'admin')).toBeUndefined()
    expect(Reflect.get({}, 'admin')).toBeUndefined()
  })
})

describe('GET /v1/topics/{topic}/events', () => {
  const path = '/v1/topics/questions/events'

  async function withMessages(count: number, size = 1) {
    const caller = httpCaller()
    for (let sequence = 0; sequence < count; sequence++)
      await caller.streamLog.append({ tenant: 'acme', channel: 'topic:questions' }, [
        aMessage(sequence, { data: 'x'.repeat(size) }),
      ])
    return caller
  }

  it('gives the messages behind a cursor, and the next cursor', async () => {
    const { call } = await withMessages(4)

    const page = await call('GET', path, { query: { after: '0', limit: '2' } })

    expect(page).toMatchObject({ status: 200, body: { events: [{ sequence: 1 }, { sequence: 2 }], next: 2 } })
    expect((await call('GET', path, { query: { after: '3' } })).body).toEqual({ events: [], next: 3 })
  })

  it('gives a message whole that no frame could carry', async () => {
    const { call } = await withMessages(1, 150_000)

    const { body } = await call('GET', path, { query: { after: '-1', limit: '1' } })

    expect(body).toMatchObject({ events: [{ data: { data: 'x'.repeat(150_000) } }] })
  })

  it('answers with what fits, and says where to go on', async () => {
    const { call } = await withMessages(30, 190_000)

    const { body } = await call('GET', path)

    const { events, next } = topicEventPageSchema.parse(body)
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(6 * 1024 * 1024)
    expect(next).toBe(events.length - 1)
    expect(next).toBeGreaterThan(10)
  })

  it('shows nothing of another tenant, and nothing without the scope', async () => {
    const { call, tokenOf } = await withMessages(1)

    expect((await call('GET', path, { token: await tokenOf('globex') })).body).toEqual({ events: [], next: -1 })
    expect(await call('GET', path, { token: await tokenOf('acme', ['topics:publish']) })).toMatchObject({ status: 403 })
  })
})
