import { describe, expect, it } from 'vitest'
import { SluiceError } from '#shared/platform/errors.ts'
import { topicEventPageSchema } from '#shared/protocol/execution.ts'
import { MAX_DATA_DEPTH } from '#shared/protocol/json-depth.ts'
import { MAX_MESSAGE_BYTES, MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'
import { aTopic, LARGE_DATA } from '../../../helpers/messaging.ts'
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

  it('refuses a body that is too large', async () => {
    const { call } = httpCaller()
    const body = `{"data":"${'x'.repeat(MAX_REFERENCED_BYTES)}"}`

    expect(await call('POST', '/v1/topics/questions/messages', { body })).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    })
  })

  it('publishes by reference what its data or its envelope makes too large to travel, and gives the data to readers', async () => {
    const { call, bus } = httpCaller()

    for (const bytes of [MAX_MESSAGE_BYTES, MAX_REFERENCED_BYTES]) {
      const data = 'x'.repeat(bytes - 11)
      const { status, body } = await call('POST', '/v1/topics/questions/messages', { body: { data } })
      const { envelope } = bus.published.at(-1) ?? {}

      expect([status, envelope?.data, envelope?.dataref]).toEqual([202, null, expect.stringMatching(/^T\/acme\/messages\//)])
      const query = { source: '/principals/ada', id: String(body.messageId) }
      expect(await call('GET', '/v1/topics/questions/data', { query })).toMatchObject({ status: 200, body: { data } })
    }
  })

  it('answers 503 when the data of a large message could not be stored, and publishes nothing', async () => {
    const { call, bus, dependencies } = httpCaller()
    dependencies.artifacts.put = () => Promise.reject(new SluiceError('unavailable', 'S3 says SlowDown'))

    expect(await call('POST', '/v1/topics/questions/messages', { body: { data: LARGE_DATA } })).toMatchObject({ status: 503 })
    expect(bus.published).toEqual([])
  })

  it.each([
    ['parentId', 'e1'],
    ['rootId', 'e1'],
    ['depth', 0],
    ['dataref', 'T/globex/messages/1'],
    ['to', 'assistant'],
  ])('lets no caller say "%s"', async (field, value) => {
    const { call, bus } = httpCaller()

    expect(await call('POST', '/v1/topics/questions/messages', { body: { data: 1, [field]: value } })).toMatchObject({
      status: 422,
    })
    expect(bus.published).toEqual([])
  })

  it('refuses data that does not fit the schema of the topic, and names the field', async () => {
    const { call, bus } = httpCaller()
    await call('PUT', '/v1/topics/questions', { body: { schema: aTopic().schema } })

    expect(await call('POST', '/v1/topics/questions/messages', { body: { data: { content: 7 } } })).toMatchObject({
      status: 422,
      body: { code: 'validation_error', errors: [{ path: 'data.content' }] },
    })
    expect(bus.published).toEqual([])
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

describe('POST /v1/topics/{topic}/messages/batch', () => {
  const path = '/v1/topics/questions/messages/batch'

  it('answers 200 with an id for each', async () => {
    const { call, bus } = httpCaller()

    const answer = await call('POST', path, { body: { messages: [{ id: 'm1', data: 1 }, { data: 2 }] } })

    expect(answer).toMatchObject({ status: 200, body: { results: [{ messageId: 'm1' }, { messageId: expect.any(String) }] } })
    expect(bus.published.map(({ envelope }) => envelope.data)).toEqual([1, 2])
  })

  it('answers 207 with what is wrong with some, in their places', async () => {
    const { call, bus } = httpCaller()

    const answer = await call('POST', path, { body: { messages: [{ data: 1 }, { tenant: 'globex', data: 2 }, { data: 3 }] } })

    expect(answer).toMatchObject({ status: 207 })
    expect(answer.body.results).toEqual([
      { messageId: expect.any(String) },
      { error: { code: 'validation_error', detail: expect.any(String), errors: [expect.any(Object)] } },
      { messageId: expect.any(String) },
    ])
    expect(bus.published.map(({ envelope }) => envelope.data)).toEqual([1, 3])
  })

  it('hides our failures from the sender, and logs them', async () => {
    const { call, log, dependencies } = httpCaller()
    const error = new SluiceError('internal', 'the role may not put events')
    dependencies.bus.publishAll = async () => [{ result: 'refused', error }]

    const answer = await call('POST', path, { body: { messages: [{ data: 1 }] } })

    expect(answer).toMatchObject({ status: 207, body: { results: [{ error: { code: 'internal' } }] } })
    expect(JSON.stringify(answer.body)).not.toContain('role')
    expect(log.lines.filter(({ code }) => code !== 'request_served')).toMatchObject([
      { level: 'error', code: 'request_failed', fields: { code: 'internal', error } },
    ])
  })

  it('takes 100 messages, and no more, nor none', async () => {
    const { call, tokenOf } = httpCaller()
    const publish = (count: number, token?: string) =>
      call('POST', path, { body: { messages: Array.from({ length: count }, () => ({ data: 1 })) }, ...(token && { token }) })

    expect(await publish(100)).toMatchObject({ status: 200 })
    expect(await publish(101)).toMatchObject({ status: 422 })
    expect(await publish(0)).toMatchObject({ status: 422 })
    expect(await publish(1, await tokenOf('acme', ['topics:read']))).toMatchObject({ status: 403 })
  })
})

describe('GET /v1/topics/{topic}/data', () => {
  it('gives the data of the tenant, the topic and the message alone', async () => {
    const { call, tokenOf } = httpCaller()
    await call('POST', '/v1/topics/questions/messages', { body: { id: 'm1', data: LARGE_DATA } })
    const query = { source: '/principals/ada', id: 'm1' }
    const read = (topic: string, token?: string) => call('GET', `/v1/topics/${topic}/data`, { query, ...(token && { token }) })

    expect(await read('questions')).toMatchObject({ status: 200, body: { data: LARGE_DATA } })
    expect(await read('questions', await tokenOf('globex'))).toMatchObject({ status: 404 })
    expect(await read('answers')).toMatchObject({ status: 404 })
    expect(await read('questions', await tokenOf('acme', ['topics:publish']))).toMatchObject({ status: 403 })
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
