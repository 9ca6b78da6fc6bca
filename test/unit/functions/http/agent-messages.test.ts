import { describe, expect, it } from 'vitest'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { AGENT_STATUSES, type AgentStatus } from '#shared/protocol/agent.ts'
import { anAgent } from '../../../helpers/executions.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'
import { LARGE_DATA } from '../../../helpers/messaging.ts'

const path = '/v1/agents/assistant/messages'

async function withAgent(status: AgentStatus = 'running') {
  const caller = httpCaller()
  await caller.dependencies.agents.create('acme', anAgent({ status, topics: [] }))
  return caller
}

describe('POST /v1/agents/{agentId}/messages', () => {
  it('sends to the one agent in the name of the caller, and says which execution comes of it', async () => {
    const { call, bus } = await withAgent()

    const answer = await call('POST', path, { body: { id: 'm1', type: 'ask', data: { content: 'Why?' }, source: '/bob' } })

    const envelope = { id: 'm1', type: 'ask', to: 'assistant', source: '/principals/ada', data: { content: 'Why?' } }
    expect(bus.published).toMatchObject([{ tenant: 'acme', envelope }])
    expect(bus.published[0]?.envelope).not.toHaveProperty('topic')
    expect(answer).toMatchObject({ status: 202 })
    expect(answer.body).toEqual({
      messageId: 'm1',
      agentId: 'assistant',
      executionId: messageExecutionId('acme', envelope, 'assistant'),
    })
  })

  it('makes the same message of the same key', async () => {
    const { call } = await withAgent()
    const send = (key: string) => call('POST', path, { headers: { 'Idempotency-Key': key }, body: { data: 1 } })

    const first = await send('key-1')

    expect((await send('key-1')).body).toEqual(first.body)
    expect((await send('key-2')).body).not.toEqual(first.body)
  })

  it('is another message than one on a topic of the same name under the same key', async () => {
    const { call, bus } = await withAgent()
    const options = { headers: { 'Idempotency-Key': 'key-1' }, body: { data: 1 } }

    await call('POST', path, options)
    await call('POST', '/v1/topics/assistant/messages', options)

    expect(new Set(bus.published.map(({ envelope }) => envelope.id)).size).toBe(2)
  })

  it.each(AGENT_STATUSES)('while the agent is %s: taken, or refused', async (status) => {
    const { call, bus } = await withAgent(status)
    const isTaken = ['running', 'paused', 'starting'].includes(status)

    const answer = await call('POST', path, { body: { data: 1 } })

    expect([answer.status, answer.body.code]).toEqual(isTaken ? [202, undefined] : [409, 'agent_not_running'])
    expect(bus.published).toHaveLength(isTaken ? 1 : 0)
  })

  it('knows no agent of another tenant', async () => {
    const { call, tokenOf } = await withAgent()

    expect(await call('POST', path, { body: { data: 1 }, token: await tokenOf('globex') })).toMatchObject({ status: 404 })
    expect(await call('POST', '/v1/agents/nobody/messages', { body: { data: 1 } })).toMatchObject({ status: 404 })
    expect(await call('POST', path, { body: { data: 1 }, token: await tokenOf('acme', ['topics:publish']) })).toMatchObject({
      status: 403,
    })
  })

  it('has nobody answered on a topic who may not publish there', async () => {
    const { call, bus, tokenOf } = await withAgent()
    const body = { data: 1, replyTo: 'answers' }

    expect(await call('POST', path, { body, token: await tokenOf('acme', ['executions:write']) })).toMatchObject({ status: 403 })
    expect(bus.published).toEqual([])
    const token = await tokenOf('acme', ['executions:write', 'topics:publish'])
    expect(await call('POST', path, { body, token })).toMatchObject({ status: 202 })
  })

  it.each(['parentId', 'rootId', 'rootSource', 'depth', 'dataref', 'topic', 'to'])('lets no caller say "%s"', async (field) => {
    const { call, bus } = await withAgent()

    expect(await call('POST', path, { body: { data: 1, [field]: 'x' } })).toMatchObject({ status: 422 })
    expect(bus.published).toEqual([])
  })

  it('sends large data by reference', async () => {
    const { call, bus } = await withAgent()

    expect(await call('POST', path, { body: { data: LARGE_DATA } })).toMatchObject({ status: 202 })

    expect(bus.published).toMatchObject([{ envelope: { data: null, dataref: expect.stringMatching(/^T\/acme\/messages\//) } }])
  })
})
