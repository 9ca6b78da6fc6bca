import { describe, expect, it } from 'vitest'
import { executionChannel } from '#shared/protocol/channel.ts'
import { eventPageSchema, executionAcceptedSchema, executionListSchema, executionSchema } from '#shared/protocol/execution.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const request = (overrides: Record<string, unknown> = {}) => ({ agentId: 'assistant', input: { content: 'Why?' }, ...overrides })

async function withAgent(overrides: Record<string, unknown> = {}) {
  const caller = httpCaller()
  await caller.call('POST', '/v1/agents', {
    body: {
      agentId: 'assistant',
      name: 'Assistant',
      llm: { provider: 'scripted', model: 'script-1' },
      autoStart: true,
      ...overrides,
    },
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

/** One that has a slot and one that waits for it. */
async function withQueue() {
  const caller = await withAgent({ maxConcurrency: 1, maxQueue: 1 })
  const submit = async (overrides: Record<string, unknown> = {}) =>
    executionAcceptedSchema.parse((await caller.call('POST', '/v1/executions', { body: request(overrides) })).body).executionId
  const [admitted, waiting] = [await submit(), await submit()]
  return { ...caller, admitted, waiting }
}

describe('POST /v1/executions without an agent', () => {
  const open = (overrides: Record<string, unknown> = {}) => ({ input: { content: 'Why?' }, type: 'question', ...overrides })

  it('goes to one that can do it', async () => {
    const { call } = await withAgent({ capabilities: ['web_search'], taskTypes: ['question'] })

    for (const body of [open(), open({ type: undefined, capability: 'web_search' })]) {
      const answer = await call('POST', '/v1/executions', { body })

      const { executionId } = executionAcceptedSchema.parse(answer.body)
      expect(answer.status).toBe(202)
      expect((await call('GET', `/v1/executions/${executionId}`)).body).toMatchObject({ agentId: 'assistant' })
    }
  })

  it.each([{ type: 'sum' }, { capability: 'rag_query' }, { input: { numbers: [1] } }])('finds none for %j', async (overrides) => {
    const { call } = await withAgent({ capabilities: ['web_search'], taskTypes: ['question'] })

    expect(await call('POST', '/v1/executions', { body: open(overrides) })).toMatchObject({
      status: 503,
      body: { code: 'no_agent_available', detail: 'No agents available' },
    })
  })

  it('is repeatable under a key, and refuses another request under it', async () => {
    const { call } = await withAgent()
    const headers = { 'Idempotency-Key': 'k-1' }

    const [first, second] = [
      await call('POST', '/v1/executions', { body: open(), headers }),
      await call('POST', '/v1/executions', { body: open(), headers }),
    ]

    expect(second.body).toEqual(first.body)
    const other = await call('POST', '/v1/executions', { body: open({ type: 'other' }), headers })
    expect(other).toMatchObject({ status: 409, body: { code: 'conflict' } })
  })

  it('must say what any agent must know, and sees none of another tenant', async () => {
    const { call, tokenOf } = await withAgent()

    expect(await call('POST', '/v1/executions', { body: open({ type: undefined }) })).toMatchObject({ status: 422 })
    expect(await call('POST', '/v1/executions', { body: open(), token: await tokenOf('globex') })).toMatchObject({ status: 503 })
  })
})

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

  it.each([
    ['temperature', 2.01],
    ['maxTokens', 0],
    ['topP', -0.01],
    ['frequencyPenalty', -2.01],
    ['presencePenalty', 2.01],
    ['stopSequences', []],
  ])('refuses %s %j, and says which it was', async (name, value) => {
    const { call } = await withAgent()

    expect(await call('POST', '/v1/executions', { body: request({ llm: { [name]: value } }) })).toMatchObject({
      status: 422,
      body: { code: 'validation_error', errors: [{ path: `llm.${name}` }] },
    })
  })

  it('is refused while too many wait, and says when to come back', async () => {
    const { call } = await withQueue()

    const answer = await call('POST', '/v1/executions', { body: request() })

    expect(answer).toMatchObject({ status: 429, body: { code: 'queue_full' }, headers: { 'retry-after': '1' } })
  })

  it('is refused while the agent is not running', async () => {
    const { call } = await withAgent({ autoStart: false })

    const answer = await call('POST', '/v1/executions', { body: request() })

    expect(answer).toMatchObject({ status: 409, body: { code: 'agent_not_running' } })
  })

  it.each([[{ priority: 0 }], [{ priority: 11 }], [{ ttlSeconds: 0 }], [{ timeoutSeconds: 0 }], [{ callbackUrl: 'ftp://x' }]])(
    'refuses %j',
    async (wrong) => {
      const { call } = await withAgent()

      expect(await call('POST', '/v1/executions', { body: request(wrong) })).toMatchObject({ status: 422 })
    },
  )

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
    ['a parent', request({ parentId: 'e1' }), ''],
    ['a depth', request({ depth: 0 }), ''],
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

  it('says where it stands in the queue, when asked', async () => {
    const { call, admitted, waiting } = await withQueue()
    const ask = (executionId: string, query: Record<string, string>) => call('GET', `/v1/executions/${executionId}`, { query })

    expect((await ask(waiting, { position: 'true' })).body).toMatchObject({ held: true, queue: { position: 1, waiting: 1 } })
    expect((await ask(waiting, {})).body).not.toHaveProperty('queue')
    expect((await ask(admitted, { position: 'true' })).body).not.toHaveProperty('queue')
    expect(await ask(waiting, { position: 'maybe' })).toMatchObject({ status: 422 })
  })

  it('shows it to nobody else, and lets nobody else touch it', async () => {
    const { call, executionId, tokenOf } = await withExecution()
    const token = await tokenOf('globex')
    const path = `/v1/executions/${executionId}`

    const answers = [
      await call('GET', path, { token }),
      await call('GET', `${path}/events`, { token }),
      await call('POST', `${path}/cancel`, { token }),
      await call('POST', `${path}/retry`, { token }),
      await call('POST', `${path}/priority`, { token, body: { priority: 10 } }),
    ]

    for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect((await call('GET', path)).body).toMatchObject({ status: 'queued', priority: 5 })
  })

  it.each(['cancel', 'retry', 'priority'])('does not let a reader %s it', async (verb) => {
    const { call, executionId, tokenOf } = await withExecution()
    const token = await tokenOf('acme', ['executions:read'])

    const answer = await call('POST', `/v1/executions/${executionId}/${verb}`, { token, body: { priority: 10 } })

    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
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

describe('GET /v1/executions', () => {
  it('lists those of an agent, the newest first, page by page', async () => {
    const { call, admitted, waiting } = await withQueue()

    const first = await call('GET', '/v1/executions', { query: { agentId: 'assistant', limit: '1' } })
    const { executions, next } = executionListSchema.parse(first.body)
    const second = await call('GET', '/v1/executions', { query: { agentId: 'assistant', limit: '1', after: next ?? '' } })

    expect(first.status).toBe(200)
    const shown = [...executions, ...executionListSchema.parse(second.body).executions]
    expect(shown.map(({ executionId }) => executionId).toSorted()).toEqual([admitted, waiting].toSorted())
    expect(second.body).not.toHaveProperty('next')
  })

  it('leaves out what has another status', async () => {
    const { call, admitted, waiting } = await withQueue()
    await call('POST', `/v1/executions/${waiting}/cancel`)

    const { body } = await call('GET', '/v1/executions', { query: { agentId: 'assistant', status: 'queued' } })

    expect(executionListSchema.parse(body).executions).toMatchObject([{ executionId: admitted }])
  })

  it('shows nothing of another tenant', async () => {
    const { call, tokenOf } = await withQueue()

    const answer = await call('GET', '/v1/executions', { query: { agentId: 'assistant' }, token: await tokenOf('globex') })

    expect(answer).toMatchObject({ status: 200, body: { executions: [] } })
  })

  it.each<[Record<string, string>]>([
    [{ agentId: 'assistant', status: 'gone' }],
    [{ agentId: 'assistant', limit: '101' }],
    [{ agentId: 'assistant', after: 'not a cursor' }],
    [{ agentId: 'assistant', tenant: 'globex' }],
  ])('refuses the query %j', async (query) => {
    const { call } = await withAgent()

    expect(await call('GET', '/v1/executions', { query })).toMatchObject({ status: 422 })
  })
})

describe('POST /v1/executions/{executionId}/cancel', () => {
  it('ends what waits, and can be repeated', async () => {
    const { call, waiting } = await withQueue()

    const answer = await call('POST', `/v1/executions/${waiting}/cancel`)

    expect(answer.status).toBe(202)
    expect(executionSchema.parse(answer.body)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } })
    expect(await call('POST', `/v1/executions/${waiting}/cancel`)).toMatchObject({ status: 202, body: answer.body })
  })

  it('asks what runs to stop', async () => {
    const { call, admitted, dependencies } = await withQueue()
    const lease = { owner: 'w', now: 0, expiresAt: 1e15, tookSlot: false }
    await dependencies.executions.acquire({ tenant: 'acme', executionId: admitted }, lease)

    const { status, body } = await call('POST', `/v1/executions/${admitted}/cancel`)

    expect(status).toBe(202)
    expect(body).toMatchObject({ status: 'running', cancelRequestedAt: '2026-11-21T09:30:00.000Z' })
  })
})

describe('POST /v1/executions/{executionId}/retry', () => {
  it('makes a new execution, one for each key', async () => {
    const { call, waiting } = await withQueue()
    await call('POST', `/v1/executions/${waiting}/cancel`)
    const headers = { 'idempotency-key': 'k1' }

    const answer = await call('POST', `/v1/executions/${waiting}/retry`, { headers })

    const { executionId, links } = executionAcceptedSchema.parse(answer.body)
    expect(answer).toMatchObject({ status: 202, headers: { location: links.self } })
    expect((await call('GET', links.self)).body).toMatchObject({ retryOf: waiting, input: { content: 'Why?' } })
    expect((await call('POST', `/v1/executions/${waiting}/retry`, { headers })).body).toMatchObject({ executionId })
  })

  it('refuses what has not ended', async () => {
    const { call, waiting } = await withQueue()

    expect(await call('POST', `/v1/executions/${waiting}/retry`)).toMatchObject({ status: 409, body: { code: 'invalid_state' } })
  })
})

describe('POST /v1/executions/{executionId}/priority', () => {
  it('moves what waits', async () => {
    const { call, waiting } = await withQueue()

    const { status, body } = await call('POST', `/v1/executions/${waiting}/priority`, { body: { priority: 10 } })

    expect(status).toBe(200)
    expect(executionSchema.parse(body)).toMatchObject({ executionId: waiting, priority: 10, held: true })
  })

  it('refuses what does not wait', async () => {
    const { call, admitted } = await withQueue()

    const answer = await call('POST', `/v1/executions/${admitted}/priority`, { body: { priority: 10 } })

    expect(answer).toMatchObject({ status: 409, body: { code: 'invalid_state' } })
  })

  it.each([[{}], [{ priority: 11 }], [{ priority: '9' }], [{ priority: 9, agentId: 'other' }]])('refuses %j', async (body) => {
    const { call, waiting } = await withQueue()

    expect(await call('POST', `/v1/executions/${waiting}/priority`, { body })).toMatchObject({ status: 422 })
  })
})
