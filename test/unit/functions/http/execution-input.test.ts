import { describe, expect, it } from 'vitest'
import { anAgent } from '../../../helpers/executions.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'
import { LARGE_DATA } from '../../../helpers/messaging.ts'

async function asked(input: unknown = LARGE_DATA) {
  const caller = httpCaller()
  await caller.dependencies.agents.create('acme', anAgent())
  const ask = (body: unknown = { agentId: 'assistant', input }) =>
    caller.call('POST', '/v1/executions', { headers: { 'Idempotency-Key': 'key-1' }, body })
  const { status, body } = await ask()
  return { ...caller, ask, status, path: `/v1/executions/${String(body.executionId)}` }
}

describe('a large input', () => {
  it('is accepted, stands behind a link, and is read there', async () => {
    const { call, status, path } = await asked()

    const { body } = await call('GET', path)

    expect(status).toBe(202)
    expect(body).toMatchObject({ input: null, links: { input: `${path}/input` } })
    expect((await call('GET', `${path}/input`)).body).toEqual({ input: LARGE_DATA })
  })

  it('is the same request when it comes again, and another one with another input', async () => {
    const { ask } = await asked()
    const other = { agentId: 'assistant', input: { ...LARGE_DATA, more: true } }

    expect(await ask()).toMatchObject({ status: 202 })
    expect(await ask(other)).toMatchObject({ status: 409, body: { code: 'conflict' } })
  })

  it('is refused where it could not be stored, and nothing is left', async () => {
    const caller = httpCaller()
    await caller.dependencies.agents.create('acme', anAgent())
    caller.dependencies.artifacts.put = () => Promise.reject(new Error('S3 is gone'))

    const answer = await caller.call('POST', '/v1/executions', { body: { agentId: 'assistant', input: LARGE_DATA } })

    expect(answer).toMatchObject({ status: 500 })
    expect(caller.workQueue.sent).toEqual([])
  })
})

describe('GET /v1/executions/{executionId}/input', () => {
  it('gives a small input as well, without a link to it', async () => {
    const { call, path } = await asked({ content: 'Why?' })

    expect((await call('GET', path)).body.links).not.toHaveProperty('input')
    expect((await call('GET', `${path}/input`)).body).toEqual({ input: { content: 'Why?' } })
  })

  it('shows nothing of another tenant, and nothing without the scope', async () => {
    const { call, path, tokenOf } = await asked()

    expect(await call('GET', `${path}/input`, { token: await tokenOf('globex') })).toMatchObject({ status: 404 })
    expect(await call('GET', `${path}/input`, { token: await tokenOf('acme', ['topics:read']) })).toMatchObject({ status: 403 })
    expect(await call('GET', '/v1/executions/unknown/input')).toMatchObject({ status: 404 })
  })
})
