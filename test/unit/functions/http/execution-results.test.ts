import { describe, expect, it } from 'vitest'
import type { HttpDependencies } from '../../../../functions/http/dependencies.ts'
import { anEnding } from '../../../helpers/executions.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'
import { aCompletion } from '../../../helpers/streams.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')
const PATIENT = { prefer: 'wait=25' }

async function withExecution(overrides: Partial<HttpDependencies> = {}) {
  const caller = httpCaller(overrides)
  const { executions } = caller.dependencies
  const agent = { agentId: 'assistant', name: 'Assistant', llm: { provider: 'scripted', model: 'script-1' }, autoStart: true }
  await caller.call('POST', '/v1/agents', { body: agent })
  const submit = (headers: Record<string, string> = {}) =>
    caller.call('POST', '/v1/executions', { headers, body: { agentId: 'assistant', input: { content: 'Why?' } } })
  const executionId = String((await submit({ 'idempotency-key': 'k1' })).body.executionId)
  const end = async (status: 'completed' | 'failed' = 'completed') => {
    const key = { tenant: 'acme', executionId, agentId: 'assistant' }
    await executions.acquire(key, { owner: 'w', now: NOW, expiresAt: NOW + 1, tookSlot: false })
    const error = status === 'failed' ? ({ code: 'provider_error', detail: 'no' } as const) : undefined
    await executions.end(key, 1, anEnding({ status, error, events: [aCompletion(0)] }))
  }
  return { ...caller, submit, executionId, end, path: `/v1/executions/${executionId}` }
}

/** A second later whenever somebody looks: whoever waits for a second has waited for it. */
function hurriedClock() {
  let now = NOW
  return {
    now: () => {
      now += 1_000
      return now
    },
  }
}

describe('GET /v1/executions/{executionId}/result', () => {
  it('is what the execution came to, without what it was asked', async () => {
    const { call, end, path, executionId } = await withExecution()
    await end()

    const answer = await call('GET', `${path}/result`)

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      executionId,
      status: 'completed',
      output: expect.objectContaining({ text: 'A gate.' }),
      usage: { inputTokens: 5, outputTokens: 2 },
    })
  })

  it('says why there is none', async () => {
    const { call, end, path } = await withExecution()
    await end('failed')

    expect(await call('GET', `${path}/result`)).toMatchObject({
      status: 200,
      body: { status: 'failed', error: { code: 'provider_error' } },
    })
  })

  it('says when to ask again until it has ended', async () => {
    const { call, path, executionId } = await withExecution()

    expect(await call('GET', `${path}/result`)).toMatchObject({
      status: 202,
      headers: { 'retry-after': '1' },
      body: { executionId, status: 'queued' },
    })
  })

  it('is as unknown to another tenant as one that never was', async () => {
    const { call, end, path, tokenOf } = await withExecution()
    await end()

    expect((await call('GET', `${path}/result`, { token: await tokenOf('globex') })).status).toBe(404)
    expect((await call('GET', `${path}/result`, { token: await tokenOf('acme', ['agents:read']) })).status).toBe(403)
  })
})

describe('Prefer: wait', () => {
  it.each(['', '/result'])('answers when it has ended: GET %s', async (suffix) => {
    const { call, end, path } = await withExecution()

    const waiting = call('GET', `${path}${suffix}`, { headers: PATIENT })
    await end()

    expect(await waiting).toMatchObject({
      status: 200,
      headers: { 'preference-applied': 'wait=25' },
      body: { status: 'completed', output: { text: 'A gate.' } },
    })
  })

  it('answers a request with the whole execution when it has ended', async () => {
    const { submit, end, executionId, path } = await withExecution()

    const waiting = submit({ ...PATIENT, 'idempotency-key': 'k1' })
    await end()

    expect(await waiting).toMatchObject({
      status: 200,
      headers: { 'preference-applied': 'wait=25', location: path },
      body: { executionId, status: 'completed', output: { text: 'A gate.' } },
    })
  })

  it('answers what it would have without when the time is up', async () => {
    const { call, submit, path } = await withExecution({ clock: hurriedClock() })
    const headers = { prefer: 'wait=1' }

    const accepted = await submit({ ...headers, 'idempotency-key': 'k1' })
    const result = await call('GET', `${path}/result`, { headers })
    const execution = await call('GET', path, { headers })

    expect([accepted.status, result.status, execution.status]).toEqual([202, 202, 200])
    for (const answer of [accepted, result, execution]) expect(answer.headers).not.toHaveProperty('preference-applied')
  })

  it.each(['wait=soon', 'wait', 'respond-async', ';;;,='])('is ignored when it is %s', async (prefer) => {
    const { submit } = await withExecution()

    expect((await submit({ prefer })).status).toBe(202)
  })

  it('gives the first answer again to the same key, wherever the execution is by then', async () => {
    const { submit, end } = await withExecution()
    const first = await submit({ 'idempotency-key': 'k1' })

    await end()

    expect(await submit({ 'idempotency-key': 'k1' })).toMatchObject({ status: 202, body: first.body })
  })

  it('waits for a repeated execution, too', async () => {
    const { call, end, path } = await withExecution({ clock: hurriedClock() })
    await end('failed')

    expect(await call('POST', `${path}/retry`, { headers: { prefer: 'wait=1' } })).toMatchObject({
      status: 202,
      body: { status: 'queued' },
    })
  })
})
