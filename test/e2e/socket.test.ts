import { describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { executionChannel, parseChannel, topicChannel } from '#shared/protocol/channel.ts'
import { flatEventSchema } from '#shared/protocol/flat-event.ts'
import { KEEP_ALIVE_PING, KEEP_ALIVE_PONG } from '#shared/protocol/keep-alive.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { openPlainSocket, openSocket, type RawSocket, refusedWith, ticketOffer } from '../helpers/raw-socket.ts'
import { expectWholeAnswer } from '../helpers/stream-proof.ts'

/** About five seconds: long enough to be cut in the middle, also when a function that follows it has to start first. */
const SLOW = '[[tokens=120 rate=25]] What is a sluice?'

const ping = (id: string) => ({ message_type: 'ping', id })
const ask = (content: string, id: string, more: object = {}) => ({
  message_type: 'agent_request',
  id,
  payload: { agentId: 'assistant', input: { content }, ...more },
})
const subscribe = (payload: object, id?: string) => ({ message_type: 'subscribe', id, payload })

describe('the socket', () => {
  const cloud = deployedCloud()
  const open = async (): Promise<RawSocket> => openSocket(cloud.frontDoorUrl, ticketOffer(await cloud.ticket()))

  /** The execution, once it has ended. */
  const ended = (executionId: string) =>
    eventually(async () => {
      const { body } = await cloud.call('GET', `/v1/executions/${executionId}`)
      return body.endedAt === undefined ? undefined : body
    })

  describe('handshake', () => {
    it('takes a ticket as a subprotocol and echoes the other one', async () => {
      expect((await open()).protocol).toBe('sluice.v1')
    })

    it('takes a ticket from the query, and a token from a header, without any subprotocol', async () => {
      const byQuery = await openSocket(cloud.frontDoorUrl, { query: { ticket: await cloud.ticket() } })
      const byHeader = await openSocket(cloud.frontDoorUrl, { headers: { authorization: `Bearer ${await cloud.token()}` } })

      for (const socket of [byQuery, byHeader]) {
        expect(socket.protocol).toBe('')
        socket.send(ping('p1'))
        expect(await socket.next('pong')).toMatchObject({ response_to: 'p1' })
      }
    })
  })

  it('greets before its first answer, and never again', async () => {
    const socket = await open()

    socket.send(ping('p1'))
    await socket.next('pong')
    socket.send(ping('p2'))
    await socket.next('pong')

    expect(socket.frames).toEqual([
      {
        message_type: 'connection_established',
        payload: { connectionId: expect.any(String), protocol: 'sluice.v1', time: expect.stringMatching(/Z$/) },
      },
      { message_type: 'pong', response_to: 'p1', payload: { time: expect.stringMatching(/Z$/) } },
      { message_type: 'pong', response_to: 'p2', payload: { time: expect.stringMatching(/Z$/) } },
    ])
  })

  it('answers what it cannot take with an error that names the frame, and goes on', async () => {
    const socket = await open()
    const refused = async (frame: unknown) => {
      socket.send(frame)
      return socket.next('error')
    }

    expect(await refused('this is not JSON')).not.toHaveProperty('response_to')
    expect(await refused({ message_type: 'shutdown', id: 'f1' })).toMatchObject({
      response_to: 'f1',
      payload: { code: 'validation_error', retryable: false },
    })
    expect(await refused(subscribe({ channel: executionChannel(newId()) }, 'f2'))).toMatchObject({
      response_to: 'f2',
      payload: { code: 'not_found' },
    })
    expect(await refused({ ...ask('Hello?', 'f3'), payload: { agentId: 'nobody', input: { content: 'Hello?' } } })).toMatchObject(
      {
        response_to: 'f3',
        payload: { code: 'not_found' },
      },
    )
    socket.send(ping('p1'))
    expect(await socket.next('pong')).toMatchObject({ response_to: 'p1' })
  })

  it('answers a request: accepted, subscribed, every event, the response', async () => {
    const socket = await open()

    socket.send(ask('What is a sluice?', 'r1'))
    const accepted = await socket.next('agent_request_accepted')
    const { payload: confirmed } = await socket.next('subscription_confirmed')
    const response = await socket.next('agent_response')

    const { executionId } = accepted.payload
    const events = socket.eventsOf(confirmed.subscription)
    const text = expectWholeAnswer(events)
    expect(accepted).toMatchObject({
      response_to: 'r1',
      payload: { status: 'queued', links: { events: `/v1/executions/${executionId}/events` } },
    })
    expect(confirmed).toMatchObject({ channel: executionChannel(executionId), after: -1 })
    expect(events.filter((event) => event.type === 'content_chunk').length).toBeGreaterThan(1)
    expect(response).toMatchObject({
      response_to: 'r1',
      payload: { executionId, agentId: 'assistant', status: 'completed', output: { text }, events: events.length },
    })
    expect([...new Set(socket.frames.map((frame) => frame.message_type))]).toEqual([
      'connection_established',
      'agent_request_accepted',
      'subscription_confirmed',
      'realtime_event',
      'agent_response',
    ])
  })

  it('answers a request once, however often it comes with the same key', async () => {
    const socket = await open()
    const key = newId()

    socket.send(ask('Say hello in one sentence.', 'r1', { idempotencyKey: key, subscribe: false }))
    const first = await socket.next('agent_request_accepted')
    await ended(first.payload.executionId)
    socket.send(ask('Say hello in one sentence.', 'r2', { idempotencyKey: key }))
    const again = await socket.next('agent_request_accepted')
    const response = await socket.next('agent_response')

    expect(again.payload).toMatchObject({ executionId: first.payload.executionId, status: 'completed' })
    expect(response).toMatchObject({ response_to: 'r2', payload: { executionId: first.payload.executionId } })
    expect(socket.frames.filter((frame) => frame.message_type === 'agent_response')).toHaveLength(1)
  })

  it('goes on behind the cursor after a cut in mid-answer, with each event once over both connections', async () => {
    const first = await open()
    first.send(ask(SLOW, 'r1'))
    const { payload: one } = await first.next('subscription_confirmed')
    await first.untilEvent(one.subscription, (event) => event.sequence >= 3)
    first.cut()
    const seen = first.eventsOf(one.subscription)

    const second = await open()
    const after = seen.at(-1)?.sequence ?? -1
    second.send(subscribe({ channel: one.channel, after }, 's1'))
    const { payload: two } = await second.next('subscription_confirmed')
    await second.untilEvent(two.subscription, isTerminalEvent)

    expect(two).toMatchObject({ channel: one.channel, after })
    expect(seen.some(isTerminalEvent)).toBe(false)
    expectWholeAnswer([...seen, ...second.eventsOf(two.subscription)])
  })

  it('gives a second subscription a new id, and each of its events once', async () => {
    const socket = await open()
    socket.send(ask(SLOW, 'r1', { subscribe: false }))
    const channel = executionChannel((await socket.next('agent_request_accepted')).payload.executionId)
    socket.send(subscribe({ channel }))
    const { payload: one } = await socket.next('subscription_confirmed')
    await socket.untilEvent(one.subscription, (event) => event.sequence >= 2)

    socket.send(subscribe({ channel, after: 0 }))
    const { payload: two } = await socket.next('subscription_confirmed')
    await socket.untilEvent(two.subscription, isTerminalEvent)

    const [first] = socket.eventsOf(one.subscription)
    expect(two.subscription).not.toBe(one.subscription)
    expectWholeAnswer([...(first ? [first] : []), ...socket.eventsOf(two.subscription)])
    expect(socket.eventsOf(one.subscription).some(isTerminalEvent)).toBe(false)
  })

  it('sends nothing that happens after an unsubscription', async () => {
    const socket = await open()
    socket.send(ask(SLOW, 'r1'))
    const { payload: confirmed } = await socket.next('subscription_confirmed')
    await socket.untilEvent(confirmed.subscription, (event) => event.sequence >= 2)

    socket.send({ message_type: 'unsubscribe', id: 'u1', payload: { channel: confirmed.channel } })
    expect(await socket.next('unsubscription_confirmed')).toEqual({
      message_type: 'unsubscription_confirmed',
      response_to: 'u1',
      payload: { channel: confirmed.channel },
    })
    const { id: executionId } = parseChannel(confirmed.channel)
    await ended(executionId)
    socket.send(ping('p1'))
    await socket.next('pong')

    const events = socket.eventsOf(confirmed.subscription)
    const { body } = await cloud.call('GET', `/v1/executions/${executionId}/events`)
    expect(events.length).toBeLessThan((body.events as unknown[]).length - 5)
    expect(socket.frames.map((frame) => frame.message_type)).not.toContain('agent_response')
  })

  it('follows two topics at once, each in its own order', async () => {
    const socket = await open()
    const topics = [`left-${newId()}`, `right-${newId()}`]
    const subscriptions: string[] = []
    for (const topic of topics) {
      socket.send(subscribe(topic === topics[0] ? { topic } : { channel: topicChannel(topic) }))
      const { payload } = await socket.next('subscription_confirmed')
      expect(payload).toMatchObject({ channel: topicChannel(topic), after: -1 })
      subscriptions.push(payload.subscription)
    }

    for (const number of [0, 1, 2]) {
      for (const topic of topics) await cloud.call('POST', `/v1/topics/${topic}/messages`, { body: { data: { topic, number } } })
    }

    for (const [index, subscription] of subscriptions.entries()) {
      await eventually(async () => (socket.eventsOf(subscription).length === 3 ? true : undefined))
      const events = socket.eventsOf(subscription)
      expect(events.map((event) => event.sequence)).toEqual([0, 1, 2])
      for (const event of events) expect(event).toMatchObject({ type: 'message', data: { topic: topics[index] } })
    }
  })

  it('answers the ping that keeps a connection open though its function can do nothing', async () => {
    const socket = await open()
    await cloud.redirect('socket', 'http://127.0.0.1:9')
    try {
      for (let count = 0; count < 3; count++) {
        socket.send(KEEP_ALIVE_PING)
        expect(await socket.next('pong')).toEqual(KEEP_ALIVE_PONG)
      }
    } finally {
      await cloud.redirect('socket', undefined)
    }
    expect(socket.frames).toHaveLength(3)
  })

  describe('opened without a ticket', () => {
    const stranger = () => openSocket(cloud.frontDoorUrl, { query: { auth: 'frame' } })

    it('takes the ticket in a frame, and what it needs it for only then', async () => {
      // Asked for first: there are five seconds.
      const ticket = await cloud.ticket()
      const socket = await stranger()

      socket.send(subscribe({ topic: 'news' }, 's1'))
      expect(await socket.next('error')).toMatchObject({ response_to: 's1', payload: { code: 'unauthorized' } })
      socket.send({ message_type: 'authenticate', id: 'a1', payload: { ticket } })
      expect(await socket.next('authenticated')).toMatchObject({ response_to: 'a1' })
      socket.send(subscribe({ topic: 'news' }, 's2'))
      expect(await socket.next('subscription_confirmed')).toMatchObject({ response_to: 's2', payload: { topic: 'news' } })
    })

    it('is closed when nobody says who it is', async () => {
      const began = performance.now()
      const socket = await stranger()

      await socket.closed

      expect(performance.now() - began).toBeGreaterThan(4_000)
    })
  })

  it('is prolonged by another ticket of the same subject, and by no other', async () => {
    const socket = await openSocket(cloud.frontDoorUrl, ticketOffer(await cloud.ticket({ expiresInSeconds: 60 })))

    const authenticate = async (subject: string) => {
      const ticket = await cloud.ticket({ subject, expiresInSeconds: 600 })
      socket.send({ message_type: 'authenticate', id: subject, payload: { ticket } })
    }
    await authenticate('somebody-else')
    expect(await socket.next('error')).toMatchObject({ response_to: 'somebody-else', payload: { code: 'forbidden' } })
    await authenticate('tester')
    const { payload } = await socket.next('authenticated')

    expect(Date.parse(payload.expiresAt) - Date.now()).toBeGreaterThan(500_000)
  })

  it('sends nothing more when its token has ended, and is closed', async () => {
    // Clocks of those who mint and those who verify may be five seconds apart. Tokens begin with a whole second.
    const earliestEnd = Date.now() - 1_000 + 10_000 + 5_000
    const socket = await openSocket(cloud.frontDoorUrl, ticketOffer(await cloud.ticket({ expiresInSeconds: 10 })))
    const latestEnd = Date.now() + 10_000 + 5_000
    const topic = `short-${newId()}`
    socket.send(subscribe({ topic }))
    const { payload } = await socket.next('subscription_confirmed')

    const isClosed = socket.closed.then(() => true)
    const publish = () => cloud.call('POST', `/v1/topics/${topic}/messages`, { body: { data: 'tick' } })
    await publish()
    await socket.untilEvent(payload.subscription, () => true)
    await eventually(async () => {
      await publish()
      return Promise.race([isClosed, undefined])
    })

    const seen = socket.eventsOf(payload.subscription).map(({ time }) => Date.parse(time))
    expect(Date.now()).toBeGreaterThanOrEqual(earliestEnd)
    expect(Math.max(...seen)).toBeLessThan(latestEnd)
  })

  describe('the addresses of the source documents', () => {
    it('follow the topics of their endpoint by themselves', async () => {
      const socket = await openSocket(cloud.frontDoorUrl, { path: '/ws/custom', query: { ticket: await cloud.ticket() } })
      const { payload } = await socket.next('subscription_confirmed')

      await cloud.call('POST', '/realtime/topics/events', { body: { data: { status: 'up' } } })

      expect(payload).toMatchObject({ channel: topicChannel('events') })
      await socket.untilEvent(payload.subscription, (event) => event.type === 'message')
      expect(socket.eventsOf(payload.subscription)).toMatchObject([{ data: { topic: 'events', data: { status: 'up' } } }])
      expect(socket.frames.map(({ message_type }) => message_type)).toContain('connection_established')
    })

    it('exist where they were declared, and nowhere else', async () => {
      const ticket = await cloud.ticket()

      expect(await refusedWith(cloud.frontDoorUrl, { path: '/ws/finance', query: { ticket } })).toBeGreaterThanOrEqual(400)
      expect(await refusedWith(cloud.frontDoorUrl, { path: '/ws/health/more', query: { ticket } })).toBe(404)
    })

    it('show one execution as flat events, from its start, and nothing else', async () => {
      const executionId = await cloud.ask('assistant', 'What is a sluice?')
      const query = { ticket: await cloud.ticket() }
      const { next } = await openPlainSocket(cloud.frontDoorUrl, { path: `/ws/agent-stream/${executionId}`, query })

      let text = ''
      for (;;) {
        const event = flatEventSchema.parse(await next())
        expect(event.executionId).toBe(executionId)
        if (event.eventType === 'content_chunk') text += event.content
        if (event.eventType !== 'completed') continue
        expect(event.final_response).toBe(text)
        break
      }
      expect(text.length).toBeGreaterThan(10)
    })

    it("do not show another tenant's execution", async () => {
      const executionId = await cloud.ask('assistant', 'What is a sluice?')
      const query = { ticket: await cloud.ticket({ tenant: 'other' }), executionId }

      expect(await refusedWith(cloud.frontDoorUrl, { query })).toBeGreaterThanOrEqual(400)
    })

    it('take the frames as they are printed', async () => {
      const socket = await openSocket(cloud.frontDoorUrl, { path: '/ws', query: { ticket: await cloud.ticket() } })

      socket.send({ message_type: 'subscribe', payload: { topic: 'health_events' } })
      expect(await socket.next('subscription_confirmed')).toMatchObject({
        payload: { topic: 'health_events', subscriber_count: expect.any(Number) },
      })
      socket.send({
        message_type: 'agent_request',
        payload: {
          query: 'Analyze this health data',
          task_type: 'analyze_health',
          parameters: { patient_id: '12345' },
        },
      })

      await socket.next('agent_request_accepted')
      expect(await socket.next('agent_response')).toMatchObject({ payload: { agentId: 'health', status: 'completed' } })
    })
  })

  it('is counted while it is open, and reached by broadcasts of its tenant alone', async () => {
    const caller = { tenant: `t-${newId()}` }
    const mine = await openSocket(cloud.frontDoorUrl, ticketOffer(await cloud.ticket(caller)))
    const foreign = await open()
    mine.send(subscribe({ topic: 'weather' }))
    await mine.next('subscription_confirmed')
    const statsAre = (expected: object) =>
      eventually(async () => {
        const { body } = await cloud.call('GET', '/realtime/connections', { caller })
        return JSON.stringify(body) === JSON.stringify(expected) ? true : undefined
      })

    await statsAre({ total_connections: 1, total_topics: 1, topics: { weather: 1 } })
    const { status, body } = await cloud.call('POST', '/realtime/broadcast', { caller, body: { data: 'Storm!' } })
    expect({ status, body }).toEqual({ status: 202, body: { connections: 1 } })
    expect(await mine.next('broadcast')).toMatchObject({ payload: { data: 'Storm!', source: '/principals/tester' } })

    mine.cut()
    await statsAre({ total_connections: 0, total_topics: 0, topics: {} })
    expect(foreign.frames.map(({ message_type }) => message_type)).not.toContain('broadcast')
  })
})
