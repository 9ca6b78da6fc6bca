import { describe, expect, it } from 'vitest'
import { batchAcceptedSchema, batchSchema } from '#shared/protocol/batch.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const one = (overrides: Record<string, unknown> = {}) => ({ agentId: 'assistant', input: { content: 'Why?' }, ...overrides })

async function withAgent() {
  const caller = httpCaller()
  const body = { agentId: 'assistant', name: 'Assistant', llm: { provider: 'scripted', model: 'script-1' }, autoStart: true }
  await caller.call('POST', '/v1/agents', { body })
  const batch = (overrides: Record<string, unknown> = {}, headers: Record<string, string> = {}, token?: string) =>
    caller.call('POST', '/v1/executions/batch', {
      headers,
      body: { executions: [one(), one()], ...overrides },
      ...(token && { token }),
    })
  return { ...caller, batch }
}

describe('POST /v1/executions/batch', () => {
  it('accepts all of them, and says where to look', async () => {
    const { batch, call } = await withAgent()

    const answer = await batch()

    const { batchId, executions } = batchAcceptedSchema.parse(answer.body)
    expect(answer).toMatchObject({ status: 202, headers: { location: `/v1/executions/batches/${batchId}` } })
    expect(executions).toHaveLength(2)
    const view = batchSchema.parse((await call('GET', `/v1/executions/batches/${batchId}`)).body)
    expect(view).toMatchObject({ mode: 'parallel', ended: false, counts: { queued: 2 } })
    const [first] = view.executions
    expect((await call('GET', `/v1/executions/${first?.executionId}`)).body).toMatchObject({ batchId, batchIndex: 0 })
  })

  it('says 207 where one was refused', async () => {
    const { batch } = await withAgent()

    const answer = await batch({ executions: [one(), one({ agentId: 'nobody' })] })

    expect(answer).toMatchObject({
      status: 207,
      body: { executions: [{ executionId: expect.any(String) }, { error: { code: 'not_found' } }] },
    })
  })

  it('repeats its answer for the same key and body; another body is a conflict, another caller another batch', async () => {
    const { batch, tokenOf } = await withAgent()
    const headers = { 'idempotency-key': 'k1' }

    const first = await batch({}, headers)

    expect(await batch({}, headers)).toMatchObject({ status: 202, body: first.body })
    expect(await batch({ mode: 'sequential' }, headers)).toMatchObject({ status: 409, body: { code: 'conflict' } })
    const bob = await batch({}, headers, await tokenOf('acme', undefined, 'bob'))
    expect(bob.body.batchId).not.toBe(first.body.batchId)
  })

  it.each([
    ['none', { executions: [] }, 'executions'],
    ['too many', { executions: Array(101).fill(one()) }, 'executions'],
    ['an unknown mode', { mode: 'random' }, 'mode'],
    ['a stop where nothing is behind', { stopOnError: true }, 'stopOnError'],
    ['one that is none', { executions: [{ agentId: 'a b', input: null }] }, 'executions.0.agentId'],
    ['an own id', { executions: [one({ executionId: 'mine' })] }, 'executions.0'],
    ['a turn', { executions: [one({ awaitsTurn: true })] }, 'executions.0'],
  ])('refuses %s', async (_what, body, path) => {
    const { batch, workQueue } = await withAgent()

    expect(await batch(body)).toMatchObject({ status: 422, body: { errors: [{ path }] } })
    expect(workQueue.sent).toEqual([])
  })

  it('refuses an address that no callback may go to', async () => {
    const { batch, workQueue } = await withAgent()

    expect(await batch({ executions: [one(), one({ callbackUrl: 'http://example.com' })] })).toMatchObject({ status: 422 })
    expect(workQueue.sent).toEqual([])
  })

  it('needs the scope', async () => {
    const { batch, tokenOf } = await withAgent()

    expect(await batch({}, {}, await tokenOf('acme', ['executions:read']))).toMatchObject({ status: 403 })
  })
})

describe('a batch', () => {
  it('is cancelled, as often as one likes', async () => {
    const { batch, call } = await withAgent()
    const { batchId } = (await batch({ mode: 'sequential' })).body

    for (let time = 0; time < 2; time++)
      expect(await call('POST', `/v1/executions/batches/${batchId}/cancel`)).toMatchObject({
        status: 202,
        body: { ended: true, counts: { cancelled: 2 } },
      })
  })

  it('is as unknown to another tenant as one that never was', async () => {
    const { batch, call, tokenOf } = await withAgent()
    const { batchId } = (await batch()).body
    const token = await tokenOf('globex')
    const unknown = '0198b6a4-0000-7000-8000-000000000001'

    for (const [method, suffix] of [
      ['GET', ''],
      ['POST', '/cancel'],
    ] as const) {
      const theirs = await call(method, `/v1/executions/batches/${batchId}${suffix}`, { token })
      const none = await call(method, `/v1/executions/batches/${unknown}${suffix}`, { token })
      expect(theirs.status).toBe(404)
      expect(String(theirs.body.detail).replace(String(batchId), unknown)).toBe(none.body.detail)
    }
    expect((await call('GET', `/v1/executions/batches/${batchId}`)).body).toMatchObject({ counts: { queued: 2 } })
  })

  it.each(['..', 'result', 'not-a-uuid'])('is not looked for under "%s"', async (id) => {
    const { call } = await withAgent()

    expect((await call('POST', `/v1/executions/batches/${id}/cancel`)).status).toBe(422)
  })
})
