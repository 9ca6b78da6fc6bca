import { describe, expect, it } from 'vitest'
import { MAX_TOPIC_SCHEMA_BYTES } from '#shared/protocol/limits.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const schema = { type: 'object', required: ['content'] }

describe('PUT /v1/topics/{topic}', () => {
  it('declares a topic, and declares it anew', async () => {
    const { call } = httpCaller()
    const declared = { topic: 'questions', createdAt: '2026-11-21T09:30:00.000Z', updatedAt: '2026-11-21T09:30:00.000Z' }

    const first = await call('PUT', '/v1/topics/questions', { body: { schema, description: 'What people ask' } })
    const again = await call('PUT', '/v1/topics/questions', { body: { schema: { type: 'string' } } })

    expect(first).toMatchObject({ status: 200 })
    expect(first.body).toEqual({ ...declared, schema, description: 'What people ask' })
    expect(again.body).toEqual({ ...declared, schema: { type: 'string' } })
    expect((await call('GET', '/v1/topics/questions')).body).toEqual(again.body)
  })

  it.each([
    ['what is no schema', { schema: { type: 'strin' } }, 'schema.type'],
    ['a schema that reaches out', { schema: { $ref: 'http://169.254.169.254/' } }, 'schema.$ref'],
    ['a schema that is too large', { schema: { description: 'x'.repeat(MAX_TOPIC_SCHEMA_BYTES) } }, 'schema'],
    ['no schema', {}, 'schema'],
  ])('refuses %s', async (_what, body, path) => {
    const { call } = httpCaller()

    expect(await call('PUT', '/v1/topics/questions', { body })).toMatchObject({ status: 422, body: { errors: [{ path }] } })
    expect(await call('GET', '/v1/topics/questions')).toMatchObject({ status: 404 })
  })

  it('refuses a schema that is nested without end', async () => {
    const nested = `{"schema":${'{"not":'.repeat(25)}{}${'}'.repeat(25)}}`

    expect(await httpCaller().call('PUT', '/v1/topics/questions', { body: nested })).toMatchObject({ status: 200 })
    expect(
      await httpCaller().call('PUT', '/v1/topics/questions', {
        body: nested.replace('{}', `${'['.repeat(9_000)}${']'.repeat(9_000)}`),
      }),
    ).toMatchObject({ status: 422 })
  })

  it('is for those who may change agents', async () => {
    const { call, tokenOf } = httpCaller()
    const token = await tokenOf('acme', ['topics:publish', 'topics:read', 'agents:read'])

    expect(await call('PUT', '/v1/topics/questions', { body: { schema }, token })).toMatchObject({ status: 403 })
    expect(await call('DELETE', '/v1/topics/questions', { token })).toMatchObject({ status: 403 })
  })
})

describe('GET and DELETE /v1/topics', () => {
  async function withTopics(...names: string[]) {
    const caller = httpCaller()
    for (const name of names) await caller.call('PUT', `/v1/topics/${name}`, { body: { schema } })
    return caller
  }

  it('lists the topics of the tenant, page by page', async () => {
    const { call, tokenOf } = await withTopics('b', 'a', 'c')

    const first = await call('GET', '/v1/topics', { query: { limit: '2' } })
    const second = await call('GET', '/v1/topics', { query: { limit: '2', after: String(first.body.next) } })

    expect(first.body).toMatchObject({ topics: [{ topic: 'a' }, { topic: 'b' }] })
    expect(second.body).toEqual({ topics: [expect.objectContaining({ topic: 'c' })] })
    expect((await call('GET', '/v1/topics', { token: await tokenOf('globex') })).body).toEqual({ topics: [] })
    expect(await call('GET', '/v1/topics', { query: { after: '!' } })).toMatchObject({ status: 422 })
  })

  it('takes a declaration back, of the own tenant only; messages are taken as they are then', async () => {
    const { call, tokenOf, dependencies } = await withTopics('questions')

    expect(await call('DELETE', '/v1/topics/questions', { token: await tokenOf('globex') })).toMatchObject({ status: 404 })
    expect(await call('DELETE', '/v1/topics/questions')).toMatchObject({ status: 204 })
    expect(await call('DELETE', '/v1/topics/questions')).toMatchObject({ status: 404 })
    expect(await dependencies.topicSchemas.find('acme', 'questions')).toBeUndefined()
  })
})
