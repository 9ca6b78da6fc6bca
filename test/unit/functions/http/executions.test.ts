import { describe, expect, it } from 'vitest'
import { executionChannel } from '#shared/protocol/channel.ts'
import { eventPageSchema, executionAcceptedSchema, executionSchema } from '#shared/protocol/execution.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const request = (overrides: Record<string, unknown> = {}) => ({ agentId: 'assistant', input: { content: 'Why?' }, ...overrides })

async function withAgent() {
  const caller = httpCaller()
  await caller.call('POST', '/v1/agents', {
    body: { agentId: 'assistant', name: 'Assistant', llm: { provider: 'scripted', model: 'script-1' } },
  })
  return caller
}

async function withExecution() {
  const caller = await withAgent()
  const { body } = await caller.call('POST', '/v1/executions', { body: request() })
  const { executionId } = executionAcceptedSchema.parse(body)
  const append = (...events: StreamEvent[]) =>
    caller.streamLog.append({ tenant: 'acme', channel: executionChannel(executionId) }, events)
  const place = { executionId, agentId: 'assistant', attempt: 1, time: '2026-11-21T09:30:01.000Z' }
  const chunk = (sequence: number): StreamEvent => ({
    ...place,
    sequence,
    type: 'content_chunk',
    data: { text: `piece ${sequence}` },
  })
  const completed = (sequence: number): StreamEvent => ({
    ...place,
    sequence,
    type: 'completed',
    data: { stopReason: 'end', events: sequence + 1, sha256: 'a'.repeat(64) },
  })
  return { ...caller, executionId, append, chunk, completed }
}

describe('POST /v1/executions', () => {
  it('accepts the work and says where to follow it', async () => {
    const { call, workQueue } = await withAgent()

    const answer = await call('POST', '/v1/executions', { body: request() })

    const { executionId, status, links } = executionAcceptedSchema.parse(answer.body)
    expect(answer).toMatchObject({ status: 202, headers: { location: `/v1/executions/${executionId}` } })
    expect(status).toBe('queued')
    expect(links.events).toBe(`/v1/executions/${executionId}/events`)
    expect(workQueue.sent).toEqual([expect.objectContaining({ tenant: 'acme', executionId })])
  })

  it('repeats its answer for the same key and body, and refuses another body', async () => {
    const { call } = await withAgent()
    const headers = { 'idempotency-key': 'key-1' }

    const first = await call('POST', '/v1/executions', { headers, body: request() })
    const again = await call('POST', '/v1/executions', { headers, body: request() })
    const other = await call('POST', '/v1/executions', { headers, body: request({ input: { content: 'What?' } }) })

    expect(again.body).toEqual(first.body)
    expect(other).toMatchObject({ status: 409, body: { code: 'conflict' } })
  })

  it('does not know the agents of another tenant', async () => {
    const { call, tokenOf, workQueue } = await withAgent()

    expect(await call('POST', '/v1/executions', { token: await tokenOf('globex'), body: request() })).toMatchObject({
      status: 404,
    })
    expect(workQueue.sent).toEqual([])
  })

  it.each([
    ['no content', request({ input: {} }), 'input.content'],
    ['an empty content', request({ input: { content: '' } }), 'input.content'],
    ['a tenant', request({ tenant: 'globex' }), ''],
    ['an execution id', request({ executionId: 'mine' }), ''],
  ])('refuses %s', async (_what, body, path) => {
    const { call } = await withAgent()

    expect(await call('POST', '/v1/executions', { body })).toMatchObject({ status: 422, body: { errors: [{ path }] } })
  })

  it.each([[''], ['x'.repeat(257)]])('refuses a key of a wrong length', async (key) => {
    const { call } = await withAgent()

    const answer = await call('POST', '/v1/executions', { headers: { 'idempotency-key': key }, body: request() })

    expect(answer).toMatchObject({ status: 422, body: { detail: expect.stringContaining('Idempotency-Key') } })
  })
})

describe('GET /v1/executions/{executionId}', () => {
  it('shows the execution, and nothing of its bookkeeping', async () => {
    const { call, executionId } = await withExecution()

    const { status, body } = await call('GET', `/v1/executions/${executionId}`)

    expect(status).toBe(200)
    expect(executionSchema.parse(body)).toEqual(body)
    expect(body).toMatchObject({ executionId, agentId: 'assistant', status: 'queued', attempt: 0, input: { content: 'Why?' } })
  })

  it('shows it to nobody else', async () => {
    const { call, executionId, tokenOf } = await withExecution()
    const token = await tokenOf('globex')

    for (const path of [`/v1/executions/${executionId}`, `/v1/executions/${executionId}/events`]) {
      expect(await call('GET', path, { token })).toMatchObject({ status: 404, body: { code: 'not_found' } })
    }
  })
})

describe('GET /v1/executions/{executionId}/events', () => {
  it('gives events after the cursor, and the next cursor', async () => {
    const { call, executionId, append, chunk } = await withExecution()
    await append(chunk(0))
    await append(chunk(1))
    await append(chunk(2))

    const { body } = await call('GET', `/v1/executions/${executionId}/events`, { query: { after: '0', limit: '1' } })

    expect(eventPageSchema.parse(body)).toEqual({ events: [chunk(1)], next: 1, complete: false })
  })

  it('says when the terminal event is there', async () => {
    const { call, executionId, append, chunk, completed } = await withExecution()
    await append(chunk(0), completed(1))

    const { body } = await call('GET', `/v1/executions/${executionId}/events`)

    expect(body).toEqual({ events: [chunk(0), completed(1)], next: 1, complete: true })
  })

  it('keeps the cursor while there is nothing new', async () => {
    const { call, executionId } = await withExecution()

    const { body } = await call('GET', `/v1/executions/${executionId}/events`, { query: { after: '7' } })

    expect(body).toEqual({ events: [], next: 7, complete: false })
  })

  it.each([[{ after: '-2' }], [{ after: '' }], [{ after: 'x' }], [{ limit: '1001' }], [{ limit: '0' }]])(
    'refuses the query %j',
    async (query) => {
      const { call, executionId } = await withExecution()

      expect(await call('GET', `/v1/executions/${executionId}/events`, { query })).toMatchObject({ status: 422 })
    },
  )
})
