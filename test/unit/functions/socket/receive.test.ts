import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import { serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import { answer, topicEvent } from '../../../helpers/execution-events.ts'
import { anAgent, anExecution } from '../../../helpers/executions.ts'
import { socketDoor } from '../../../helpers/socket-door.ts'
import { aChunk } from '../../../helpers/streams.ts'

const errorOf = (code: string) => ({ message_type: 'error', payload: { code } })
const ask = (payload: object = {}, id?: string) => ({
  message_type: 'agent_request',
  id,
  payload: { agentId: 'assistant', input: { content: 'What is a sluice?' }, ...payload },
})

async function anExecutionOf(door: ReturnType<typeof socketDoor>, texts: string[], executionId = 'e1', tenant = 'acme') {
  await door.dependencies.executions.create(anExecution({ tenant, executionId }), 0)
  for (const event of answer(texts, executionId)) {
    await door.log.append({ tenant, channel: executionChannel(executionId) }, [event])
  }
}

describe('a frame', () => {
  it('is answered after one greeting for each connection', async () => {
    const door = socketDoor()
    await door.connect({ query: { ticket: await door.ticket() } })

    const first = await door.send({ message_type: 'ping', id: 'p1' })
    const second = await door.send({ message_type: 'ping' })

    expect(first).toEqual([
      {
        message_type: 'connection_established',
        payload: { connectionId: 'c1', protocol: 'sluice.v1', time: '2026-11-21T09:30:00.000Z' },
      },
      { message_type: 'pong', response_to: 'p1', payload: { time: '2026-11-21T09:30:00.000Z' } },
    ])
    expect(second.map((frame) => frame.message_type)).toEqual(['pong'])
  })

  it('is greeted by one of two functions that get the first frames at once', async () => {
    const door = socketDoor()
    await door.connect({ query: { ticket: await door.ticket() } })

    await Promise.all([door.send({ message_type: 'ping' }), door.send({ message_type: 'ping' })])

    const types = door.poster.framesOf('c1').map((frame) => frame.message_type)
    expect(types.filter((type) => type === 'connection_established')).toHaveLength(1)
  })

  it('after the end of the token that opened the socket is refused, and the socket is closed', async () => {
    const door = socketDoor()
    await door.connect({ headers: { authorization: `Bearer ${await door.token()}` } })
    door.later(64_999)
    await door.send({ message_type: 'ping' })
    expect(door.poster.closed).toEqual([])
    door.later(1)

    expect(await door.send({ ...ask(), id: 'late' })).toMatchObject([{ ...errorOf('unauthorized'), response_to: 'late' }])
    expect(door.poster.closed).toEqual(['c1'])
    expect(door.workQueue.sent).toEqual([])
  })

  it('of a connection that nobody let in closes it', async () => {
    const door = socketDoor()

    expect(await door.send({ message_type: 'ping' })).toEqual([])
    expect(door.poster.closed).toEqual(['c1'])
  })

  it.each<[string, unknown]>([
    ['no JSON', 'hello'],
    ['nothing', ''],
    ['no object', '[1]'],
    ['of an unknown type', { message_type: 'shutdown', payload: {} }],
    ['with an unknown field', { message_type: 'ping', tenant: 'other' }],
    ['with an unknown field in its payload', { message_type: 'subscribe', payload: { topic: 'news', tenant: 'other' } }],
    ['with channel and topic', { message_type: 'subscribe', payload: { channel: 'topic:news', topic: 'news' } }],
    ['with neither channel nor topic', { message_type: 'subscribe', payload: { after: 3 } }],
    ['with a channel of no kind', { message_type: 'subscribe', payload: { channel: 'tenant:acme' } }],
    ['with a channel of everything in some other tenant', { message_type: 'subscribe', payload: { channel: 'all:other' } }],
    ['with a cancellation of nothing', { message_type: 'cancel', payload: {} }],
    ['with a cancellation in another tenant', { message_type: 'cancel', payload: { executionId: 'e1', tenant: 'other' } }],
    ['with a cursor below -1', { message_type: 'subscribe', payload: { topic: 'news', after: -2 } }],
    ['with a cursor that no number can be', '{"message_type":"subscribe","payload":{"topic":"news","after":1e300}}'],
    ['with a request that asks nothing', ask({ input: undefined })],
    ['with a request that says what it follows from', ask({ parentId: 'e1' })],
  ])('that is %s is refused', async (_what, frame) => {
    const door = socketDoor()
    await door.open()

    expect(await door.send(frame)).toMatchObject([
      { message_type: 'error', payload: { code: 'validation_error', retryable: false } },
    ])
    expect(door.logger.lines).toMatchObject([{ level: 'info', code: 'request_refused', fields: { connectionId: 'c1' } }])
  })

  it.each<[unknown, string | undefined]>([
    ['f1', 'f1'],
    ['x'.repeat(128), 'x'.repeat(128)],
    ['x'.repeat(129), undefined],
    ['', undefined],
    [7, undefined],
  ])('is named in its refusal when its id is one: %j', async (id, responseTo) => {
    const door = socketDoor()
    await door.open()

    const [frame] = await door.send({ message_type: 'shutdown', id })

    expect(serverFrameSchema.parse(frame)).toMatchObject(errorOf('validation_error'))
    expect(frame && 'response_to' in frame ? frame.response_to : undefined).toBe(responseTo)
  })

  it('is answered with nothing about our own failures but that they are ours', async () => {
    const door = socketDoor()
    await door.open()
    door.dependencies.executions.get = () => Promise.reject(new Error('table sluice-executions is gone'))

    const [frame] = await door.send({ message_type: 'subscribe', id: 's1', payload: { channel: 'execution:e1' } })

    expect(frame).toEqual({
      message_type: 'error',
      response_to: 's1',
      payload: { code: 'internal', detail: 'an internal error', retryable: false },
    })
    expect(door.logger.lines).toMatchObject([{ level: 'error', code: 'request_failed', fields: { code: 'internal' } }])
  })

  it('that is larger than API Gateway takes is refused, unread', async () => {
    const door = socketDoor()
    await door.open()
    const frame = (size: number) => JSON.stringify({ message_type: 'ping', payload: { padding: 'é'.repeat(size) } })

    expect(await door.send(frame(17 * 1024))).toMatchObject([errorOf('payload_too_large')])
    expect(await door.send(frame(15 * 1024))).toMatchObject([{ message_type: 'pong' }])
  })

  it('may come again when a table throttles', async () => {
    const door = socketDoor()
    await door.open()
    const throttled = Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' })
    door.dependencies.executions.get = () => Promise.reject(throttled)

    expect(await door.send({ message_type: 'subscribe', payload: { channel: 'execution:e1' } })).toMatchObject([
      { message_type: 'error', payload: { code: 'unavailable', retryable: true } },
    ])
  })
})

describe('subscribe', () => {
  it('confirms, and sends an execution from its start', async () => {
    const door = socketDoor()
    await door.open()
    await anExecutionOf(door, ['A ', 'gate.'])

    const [confirmed, events, ...rest] = await door.send({
      message_type: 'subscribe',
      id: 's1',
      payload: { channel: 'execution:e1' },
    })

    expect(confirmed).toMatchObject({
      message_type: 'subscription_confirmed',
      response_to: 's1',
      payload: { channel: 'execution:e1', after: -1, subscription: expect.any(String) },
    })
    expect(events).toEqual({
      message_type: 'realtime_event',
      payload: {
        channel: 'execution:e1',
        subscription: confirmed?.message_type === 'subscription_confirmed' ? confirmed.payload.subscription : '',
        events: answer(['A ', 'gate.'], 'e1'),
      },
    })
    expect(rest).toEqual([])
  })

  it('goes on behind a cursor', async () => {
    const door = socketDoor()
    await door.open()
    await anExecutionOf(door, ['A ', 'gate.'])

    const [confirmed, events] = await door.send({ message_type: 'subscribe', payload: { channel: 'execution:e1', after: 1 } })

    expect(confirmed).toMatchObject({ payload: { after: 1 } })
    expect(events).toMatchObject({ payload: { events: [{ sequence: 2 }, { sequence: 3 }] } })
  })

  it('sends a topic from now on', async () => {
    const door = socketDoor()
    await door.open()
    await door.log.append({ tenant: 'acme', channel: 'topic:news' }, [topicEvent(0, 'old')])

    const frames = await door.send({ message_type: 'subscribe', payload: { topic: 'news' } })

    expect(frames).toMatchObject([{ message_type: 'subscription_confirmed', payload: { channel: 'topic:news', after: 0 } }])
    expect(await door.dependencies.subscriptions.listLive({ tenant: 'acme', channel: 'topic:news' })).toMatchObject([
      { connectionId: 'c1', cursor: 0 },
    ])
  })

  it('knows nothing of what belongs to another tenant', async () => {
    const door = socketDoor()
    await door.open({ tenant: 'other' })
    await anExecutionOf(door, ['secret'])

    const foreign = await door.send({ message_type: 'subscribe', payload: { channel: 'execution:e1' } })
    const missing = await door.send({ message_type: 'subscribe', payload: { channel: 'execution:e2' } })

    expect(foreign).toMatchObject([errorOf('not_found')])
    expect(JSON.stringify(foreign).replaceAll('e1', 'e2')).toBe(JSON.stringify(missing))
  })

  it('keeps the topics of two tenants apart', async () => {
    const door = socketDoor()
    await door.open({ tenant: 'other' })
    await door.log.append({ tenant: 'acme', channel: 'topic:news' }, [topicEvent(0, 'secret')])

    const frames = await door.send({ message_type: 'subscribe', payload: { topic: 'news', after: -1 } })

    expect(frames.map((frame) => frame.message_type)).toEqual(['subscription_confirmed'])
  })

  it.each([
    ['execution:e1', ['topics:read', 'executions:write']],
    ['topic:news', ['executions:read', 'topics:publish']],
    ['agent:assistant', ['executions:read', 'agents:write', 'topics:read']],
    ['all', ['agents:read', 'topics:read']],
    ['all', ['executions:read', 'topics:read']],
  ] as const)('needs the scope to read %s', async (channel, scopes) => {
    const door = socketDoor()
    await door.open({ scopes })
    await anExecutionOf(door, ['A gate.'])

    expect(await door.send({ message_type: 'subscribe', payload: { channel } })).toMatchObject([errorOf('forbidden')])
  })

  it('follows an agent, and everything', async () => {
    const door = socketDoor()
    await door.open()
    await door.dependencies.agents.create('acme', anAgent())

    for (const channel of ['agent:assistant', 'all']) {
      expect(await door.send({ message_type: 'subscribe', payload: { channel } })).toMatchObject([
        { message_type: 'subscription_confirmed', payload: { channel } },
      ])
    }
  })

  it('knows no agent of another tenant', async () => {
    const door = socketDoor()
    await door.open({ tenant: 'other' })
    await door.dependencies.agents.create('acme', anAgent())

    const frames = await door.send({ message_type: 'subscribe', payload: { channel: 'agent:assistant' } })

    expect(frames).toMatchObject([errorOf('not_found')])
  })

  it('shows everything of its own tenant alone', async () => {
    const door = socketDoor()
    await door.open({ tenant: 'other' })
    await door.log.append({ tenant: 'acme', channel: 'all' }, [topicEvent(0, 'secret')])

    const frames = await door.send({ message_type: 'subscribe', payload: { channel: 'all', after: -1 } })

    expect(frames.map((frame) => frame.message_type)).toEqual(['subscription_confirmed'])
  })

  it('asks the client to come again when the time for the replay is up', async () => {
    const door = socketDoor()
    await door.open()
    await anExecutionOf(door, ['A gate.'])
    door.log.read = async (_ref, after) => {
      await pause(1)
      return [aChunk(after + 1)]
    }

    const frames = await door.send(
      { message_type: 'subscribe', id: 's1', payload: { channel: 'execution:e1' } },
      { remainingMs: 3_020 },
    )

    expect(frames.at(-1)).toMatchObject({
      message_type: 'error',
      response_to: 's1',
      payload: { code: 'timeout', retryable: true },
    })
  })
})

describe('a subscription', () => {
  const live = async (door: ReturnType<typeof socketDoor>, channel = 'topic:news') =>
    door.dependencies.subscriptions.listLive({ tenant: 'acme', channel })

  it('ends with the token, takes packed events when asked to, and has the view of its connection', async () => {
    const door = socketDoor()
    await door.open({}, 'c1', { view: { kind: 'flat' } })

    await door.send({ message_type: 'subscribe', payload: { topic: 'news', snapshot: true } })

    expect(await live(door)).toMatchObject([{ until: Date.parse('2026-11-21T10:30:00Z'), packed: true, view: { kind: 'flat' } }])
    expect(await door.dependencies.connections.subscriptions('c1')).toMatchObject([{ tenant: 'acme', channel: 'topic:news' }])
  })

  it('of a workflow finds none, and needs the scopes of one all the same', async () => {
    const door = socketDoor()
    await door.open()
    await door.open({ scopes: ['topics:read'] }, 'c2')
    const frame = { message_type: 'subscribe', id: 'w1', payload: { channel: 'workflow:w' } }

    expect(await door.send(frame)).toMatchObject([{ ...errorOf('not_found'), response_to: 'w1' }])
    expect(await door.send(frame, { connectionId: 'c2' })).toMatchObject([errorOf('forbidden')])
  })
})

describe('unsubscribe', () => {
  it('ends a subscription, and is confirmed where there was none', async () => {
    const door = socketDoor()
    await door.open()
    await door.send({ message_type: 'subscribe', payload: { topic: 'news' } })

    const frames = await door.send({ message_type: 'unsubscribe', id: 'u1', payload: { topic: 'news' } })
    const again = await door.send({ message_type: 'unsubscribe', payload: { channel: 'topic:news' } })

    const confirmed = { message_type: 'unsubscription_confirmed', payload: { channel: 'topic:news' } }
    expect(frames).toEqual([{ ...confirmed, response_to: 'u1' }])
    expect(again).toEqual([confirmed])
    expect(await door.dependencies.subscriptions.listLive({ tenant: 'acme', channel: 'topic:news' })).toEqual([])
  })
})

describe('agent_request', () => {
  async function doorWithAgent(overrides: Parameters<typeof anAgent>[0] = {}) {
    const door = socketDoor()
    await door.open()
    await door.dependencies.agents.create('acme', anAgent(overrides))
    return door
  }

  it('is accepted, queued, and subscribed from its start', async () => {
    const door = await doorWithAgent()

    const frames = await door.send(ask({}, 'r1'))

    const [{ executionId } = { executionId: '' }] = door.workQueue.sent
    expect(frames).toMatchObject([
      {
        message_type: 'agent_request_accepted',
        response_to: 'r1',
        payload: { executionId, status: 'queued', links: { self: `/v1/executions/${executionId}` } },
      },
      {
        message_type: 'subscription_confirmed',
        response_to: 'r1',
        payload: { channel: `execution:${executionId}`, after: -1 },
      },
    ])
    const live = await door.dependencies.subscriptions.listLive({ tenant: 'acme', channel: `execution:${executionId}` })
    expect(live).toMatchObject([{ connectionId: 'c1', cursor: -1, answer: { responseTo: 'r1' } }])
  })

  it.each(['http://169.254.169.254/latest/meta-data/', 'http://localhost:4566/', 'https://ada:secret@example.com/'])(
    'is refused with %s to call back',
    async (callbackUrl) => {
      const door = await doorWithAgent()

      expect(await door.send(ask({ callbackUrl }))).toMatchObject([errorOf('validation_error')])
      expect(door.workQueue.sent).toEqual([])
    },
  )

  it('is only accepted when it does not want to be subscribed', async () => {
    const door = await doorWithAgent()

    const frames = await door.send(ask({ subscribe: false }))

    expect(frames.map((frame) => frame.message_type)).toEqual(['agent_request_accepted'])
    expect(door.workQueue.sent).toHaveLength(1)
  })

  it('says what kind of work it is, how urgent, and until when it is worth it', async () => {
    const door = await doorWithAgent()

    await door.send(ask({ type: 'chat', priority: 9, ttlSeconds: 60, correlationId: 'c1', subscribe: false }))

    const [{ executionId } = { executionId: '' }] = door.workQueue.sent
    expect(await door.dependencies.executions.get({ tenant: 'acme', executionId })).toMatchObject({
      ...{ type: 'chat', priority: 9, correlationId: 'c1', source: '/principals/ada' },
      expiresAtMs: Date.parse('2026-11-21T09:31:00Z'),
    })
  })

  it('is held while the agent is paused, and followed all the same', async () => {
    const door = await doorWithAgent({ status: 'paused' })

    const frames = await door.send(ask())

    expect(frames.map((frame) => frame.message_type)).toEqual(['agent_request_accepted', 'subscription_confirmed'])
    expect(door.workQueue.sent).toEqual([])
  })

  it('with a known key answers with the execution that ended, its events, and the response', async () => {
    const door = await doorWithAgent()
    await door.send(ask({ idempotencyKey: 'k1', subscribe: false }))
    const [{ executionId } = { executionId: '' }] = door.workQueue.sent
    const channel = executionChannel(executionId)
    for (const event of answer(['A ', 'gate.'], executionId)) await door.log.append({ tenant: 'acme', channel }, [event])

    const frames = await door.send(ask({ idempotencyKey: 'k1' }, 'r2'))

    expect(frames.map((frame) => frame.message_type)).toEqual([
      'agent_request_accepted',
      'subscription_confirmed',
      'realtime_event',
      'agent_response',
    ])
    expect(frames.at(-1)).toMatchObject({
      response_to: 'r2',
      payload: { executionId, status: 'completed', output: { text: 'A gate.' }, events: 4 },
    })
  })

  it('with a known key and another question is a conflict', async () => {
    const door = await doorWithAgent()
    await door.send(ask({ idempotencyKey: 'k1' }))

    const frames = await door.send(ask({ idempotencyKey: 'k1', input: { content: 'And what is a gate?' } }, 'r2'))

    expect(frames).toMatchObject([{ ...errorOf('conflict'), response_to: 'r2' }])
  })

  it.each<[string, string, object, Parameters<typeof anAgent>[0]]>([
    ['not_found', 'of nobody', { agentId: 'nobody' }, {}],
    ['agent_not_running', 'of an agent that is stopped', {}, { status: 'stopped' }],
    ['queue_full', 'of an agent with nobody to spare', {}, { status: 'paused', maxQueue: 0 }],
    ['validation_error', 'with an input that no model can answer', { input: {} }, {}],
  ])('is refused with %s: %s', async (code, _what, payload, agent) => {
    const door = await doorWithAgent(agent)

    expect(await door.send(ask(payload, 'r1'))).toMatchObject([{ ...errorOf(code), response_to: 'r1' }])
    expect(door.workQueue.sent).toEqual([])
  })

  it.each([
    ['executions:write', ['executions:read', 'agents:write']],
    ['executions:read', ['executions:write']],
  ] as const)('does no work without the scope %s', async (_missing, scopes) => {
    const door = await doorWithAgent()
    await door.open({ scopes })

    expect(await door.send(ask())).toMatchObject([errorOf('forbidden')])
    expect(door.workQueue.sent).toEqual([])
  })

  it('without the scope to read is accepted when it does not want to be subscribed', async () => {
    const door = await doorWithAgent()
    await door.open({ scopes: ['executions:write'] })

    const frames = await door.send(ask({ subscribe: false }))

    expect(frames.map((frame) => frame.message_type)).toEqual(['agent_request_accepted'])
  })

  it('knows no agent of another tenant', async () => {
    const door = await doorWithAgent()
    await door.open({ tenant: 'other' })

    expect(await door.send(ask())).toMatchObject([errorOf('not_found')])
  })

  it('needs no secret once the socket is open', async () => {
    const door = socketDoor({ secrets: memorySecretStore({}) })
    await door.open()

    expect(await door.send({ message_type: 'ping' })).toMatchObject([{ message_type: 'pong' }])
  })
})

describe('cancel', () => {
  const cancel = (executionId = 'e1', id = 'x1') => ({ message_type: 'cancel', id, payload: { executionId } })

  async function doorWithExecution() {
    const door = socketDoor()
    await door.open()
    await door.dependencies.agents.create('acme', anAgent())
    await door.dependencies.executions.create(anExecution({ executionId: 'e1' }), 0)
    const status = async () => (await door.dependencies.executions.get({ tenant: 'acme', executionId: 'e1' }))?.status
    return { door, status }
  }

  it('ends what waits, and is confirmed', async () => {
    const { door, status } = await doorWithExecution()

    const [frame] = await door.send(cancel())

    expect(serverFrameSchema.parse(frame)).toEqual({
      message_type: 'cancel_accepted',
      response_to: 'x1',
      payload: { executionId: 'e1', status: 'cancelled' },
    })
    expect(await status()).toBe('cancelled')
  })

  it('asks what runs to stop', async () => {
    const { door } = await doorWithExecution()
    const lease = { owner: 'w', now: 0, expiresAt: 1e15, tookSlot: false }
    await door.dependencies.executions.acquire({ tenant: 'acme', executionId: 'e1' }, lease)

    expect(await door.send(cancel())).toMatchObject([{ message_type: 'cancel_accepted', payload: { status: 'running' } }])

    const head = await door.dependencies.subscriptions.head({ tenant: 'acme', channel: 'execution:e1' })
    expect(head.cancelRequested).toBe(true)
  })

  it('knows nothing of what belongs to another tenant', async () => {
    const { door, status } = await doorWithExecution()
    await door.open({ tenant: 'other' })

    expect(await door.send(cancel())).toMatchObject([{ ...errorOf('not_found'), response_to: 'x1' }])
    expect(await status()).toBe('queued')
  })

  it('needs the scope to write', async () => {
    const { door, status } = await doorWithExecution()
    await door.open({ scopes: ['executions:read'] })

    expect(await door.send(cancel())).toMatchObject([errorOf('forbidden')])
    expect(await status()).toBe('queued')
  })
})
