import { describe, expect, it } from 'vitest'
import { connectionStatsSchema, realtimeStatusSchema } from '#shared/protocol/realtime.ts'
import type { Scope } from '#shared/protocol/scopes.ts'
import { serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import { anAgent } from '../../../helpers/executions.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

/** Two connections and their topics in one tenant, and one in another. */
async function aLivelyStage() {
  const caller = httpCaller()
  const { presence, counters, agents } = caller.dependencies
  for (const connectionId of ['c1', 'c2']) {
    await presence.arrive({ tenant: 'acme', connectionId })
    await presence.follow({ tenant: 'acme', topic: 'events', connectionId })
  }
  await presence.follow({ tenant: 'acme', topic: 'health_data', connectionId: 'c1' })
  await presence.arrive({ tenant: 'other', connectionId: 'c3' })
  await presence.follow({ tenant: 'other', topic: 'secret', connectionId: 'c3' })
  await counters.add([
    { tenant: 'acme', agentId: 'assistant', at: 0, counters: { queued: 7, failed: 1, timed_out: 1 } },
    { tenant: 'other', agentId: 'assistant', at: 0, counters: { queued: 100, failed: 100 } },
  ])
  await agents.create('acme', anAgent())
  return caller
}

describe('GET /realtime/connections', () => {
  it('counts connections and followers of the tenant', async () => {
    const { call } = await aLivelyStage()

    const { status, body } = await call('GET', '/realtime/connections')

    expect(status).toBe(200)
    expect(connectionStatsSchema.parse(body)).toEqual({
      total_connections: 2,
      total_topics: 2,
      topics: { events: 2, health_data: 1 },
    })
  })

  it('needs a token', async () => {
    const { call } = await aLivelyStage()

    expect((await call('GET', '/realtime/connections', { token: null })).status).toBe(401)
  })

  it.each<[string, Scope[]]>([
    ['connections', ['agents:read', 'executions:read']],
    ['status', ['agents:read', 'executions:read']],
    ['status', ['topics:read']],
  ])('names no topics for a token without the scopes: %s with %j', async (path, scopes) => {
    const { call, tokenOf } = await aLivelyStage()

    const { status, body } = await call('GET', `/realtime/${path}`, { token: await tokenOf('acme', scopes) })

    expect(status).toBe(403)
    expect(JSON.stringify(body)).not.toContain('health_data')
  })
})

describe('GET /realtime/status', () => {
  it('says who is there, what is followed and what happened', async () => {
    const { call } = await aLivelyStage()

    const { body } = await call('GET', '/realtime/status')

    expect(realtimeStatusSchema.parse(body)).toEqual({
      agent_type: 'sluice',
      realtime_enabled: true,
      connections: ['c1', 'c2'],
      active_streams: ['events', 'health_data'],
      message_count: 7,
      error_count: 2,
    })
    expect((await call('GET', '/realtime/status', { query: { agent: 'assistant' } })).body).toMatchObject({
      agent_type: 'assistant',
    })
  })

  it.each([
    [404, 'of an agent that is not there', { agent: 'nobody' }],
    [422, 'of no agent at all', { agent: '' }],
    [422, "of another tenant's", { tenant: 'other' }],
  ])('answers %s: the status %s', async (status, _what, query) => {
    const { call } = await aLivelyStage()

    expect((await call('GET', '/realtime/status', { query })).status).toBe(status)
  })

  it('names a hundred connections at the most', async () => {
    const { call, dependencies } = httpCaller()
    for (let count = 0; count < 120; count++) await dependencies.presence.arrive({ tenant: 'acme', connectionId: `c${count}` })

    expect((await call('GET', '/realtime/status')).body.connections).toHaveLength(100)
  })
})

describe('POST /realtime/broadcast', () => {
  it('queues one frame for the connections of the tenant, in pages', async () => {
    const { call, dependencies, connectionTasks } = httpCaller()
    for (let count = 0; count < 120; count++) await dependencies.presence.arrive({ tenant: 'acme', connectionId: `c${count}` })
    await dependencies.presence.arrive({ tenant: 'other', connectionId: 'foreign' })

    const { status, body } = await call('POST', '/realtime/broadcast', { body: { data: { text: 'Storm!' } } })

    expect({ status, body }).toEqual({ status: 202, body: { connections: 120 } })
    const tasks = connectionTasks.sent.map(({ task }) => task)
    expect(tasks.map((task) => task.task === 'broadcast' && task.connectionIds.length)).toEqual([100, 20])
    expect(JSON.stringify(tasks)).not.toContain('foreign')
    const [first] = tasks
    expect(serverFrameSchema.parse(JSON.parse(first?.task === 'broadcast' ? first.frame : ''))).toEqual({
      message_type: 'broadcast',
      payload: { data: { text: 'Storm!' }, source: '/principals/ada', time: '2026-11-21T09:30:00.000Z' },
    })
  })

  it.each<[number, string, object]>([
    [413, 'what fits no frame', { data: 'x'.repeat(25_000) }],
    [422, 'nothing', {}],
    [422, 'in the name of somebody else', { data: 1, source: '/principals/bob' }],
    [422, 'to another tenant', { data: 1, tenant: 'other' }],
  ])('answers %s: %s', async (status, _what, body) => {
    const { call, connectionTasks } = await aLivelyStage()

    expect((await call('POST', '/realtime/broadcast', { body })).status).toBe(status)
    expect(connectionTasks.sent).toEqual([])
  })

  it('needs the scope to publish', async () => {
    const { call, tokenOf, connectionTasks } = await aLivelyStage()

    const { status } = await call('POST', '/realtime/broadcast', {
      body: { data: 1 },
      token: await tokenOf('acme', ['topics:read']),
    })

    expect(status).toBe(403)
    expect(connectionTasks.sent).toEqual([])
  })
})

describe.each(['/realtime/topics/news', '/realtime/topic/news'])('POST %s', (path) => {
  it('publishes a message, as the topic itself takes it', async () => {
    const { call, bus } = httpCaller()

    const { status, body } = await call('POST', path, { body: { data: { text: 'Hello' } } })

    expect(status).toBe(202)
    expect(body).toMatchObject({ topic: 'news', messageId: expect.any(String) })
    expect(JSON.stringify(bus)).toContain('Hello')
  })

  it('needs the scope to publish', async () => {
    const { call, tokenOf } = httpCaller()

    expect((await call('POST', path, { body: { data: 1 }, token: await tokenOf('acme', ['topics:read']) })).status).toBe(403)
  })
})
