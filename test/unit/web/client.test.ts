import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Client, createClient, type ExecutionState, type SluiceClientError, type Timing } from '../../../web/client/index.ts'
import { collect } from '../../helpers/collect.ts'
import { answer, chunk, completed, executionEvents, retrying, started, topicEvent } from '../../helpers/execution-events.ts'
import { problem, type ScriptedFrontDoor, startScriptedFrontDoor } from '../../helpers/scripted-front-door.ts'

const QUICK: Partial<Timing> = { backoffMs: 1, backoffCapMs: 5, gapMs: 20 }

let door: ScriptedFrontDoor
let client: Client

const connect = (timing: Partial<Timing> = {}): Client => {
  client = createClient({ baseUrl: door.url, token: 'token', timing: { ...QUICK, ...timing } })
  return client
}
const refusal = (promise: Promise<unknown>): Promise<SluiceClientError> =>
  promise.then(
    () => expect.unreachable(),
    (error) => error,
  )

beforeEach(async () => {
  door = await startScriptedFrontDoor()
})
afterEach(async () => {
  client.close()
  await door.stop()
})

describe('execution', () => {
  it('streams the events in order and resolves with the verified result', async () => {
    const stream = connect().execution('e1')
    const events = answer(['Hel', 'lo'])
    const server = await door.connection()
    expect(server.protocols).toEqual(['sluice.v1', 'ticket.t1'])
    expect(await server.confirm('s1')).toBe(-1)
    server.events('s1', events.slice(0, 2))
    server.events('s1', events.slice(2))

    const seen = await collect(stream)

    expect(seen).toEqual(events)
    expect(await stream.done).toMatchObject({ status: 'completed', text: 'Hello', events: 4, verified: true })
  })

  it('goes on from its cursor, with a new ticket, after a cut', async () => {
    const stream = connect().execution('e1')
    const events = answer(['a', 'b', 'c'])
    const first = await door.connection()
    await first.confirm('s1')
    first.events('s1', events.slice(0, 3))
    const reader = stream[Symbol.asyncIterator]()
    for (let count = 0; count < 3; count += 1) await reader.next()
    first.cut()

    const second = await door.connection()
    expect(second.protocols).toContain('ticket.t2')
    expect(await second.confirm('s2')).toBe(2)
    second.events('s2', events.slice(3))

    expect(await stream.done).toMatchObject({ text: 'abc', events: 5 })
  })

  it('applies repeated events once and ignores frames of an older subscription', async () => {
    const stream = connect().execution('e1')
    const events = answer(['a', 'b'])
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', events.slice(0, 2))
    server.events('s1', events.slice(0, 3))
    server.send({
      message_type: 'realtime_event',
      payload: { channel: 'execution:e1', subscription: 's0', events: executionEvents([chunk('stale')], 'e1', 3) },
    })
    server.events('s1', events.slice(1))

    expect(await collect(stream)).toEqual(events)
  })

  it('asks again from the cursor when a sequence stays missing', async () => {
    const stream = connect().execution('e1')
    const events = answer(['a', 'b', 'c'])
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', events.slice(0, 2))
    server.events('s1', events.slice(3, 4))

    expect(await server.confirm('s2')).toBe(1)
    server.events('s2', events.slice(2))

    expect(await stream.done).toMatchObject({ text: 'abc' })
  })

  it('fails with events_lost when the missing sequence never comes', async () => {
    const stream = connect({ gapMs: 1 }).execution('e1')
    const server = await door.connection()
    const gone = executionEvents([chunk('late')], 'e1', 7)
    for (const subscription of ['s1', 's2', 's3', 's4', 's5', 's6']) {
      await server.confirm(subscription)
      server.events(subscription, gone)
    }
    expect(await refusal(stream.done)).toMatchObject({ code: 'events_lost' })
  })

  it('asks again after a silence, as the server may have lost the subscription', async () => {
    const stream = connect({ stallMs: 200 }).execution('e1')
    const events = answer(['a'])
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', events.slice(0, 1))

    expect(await server.confirm('s2')).toBe(0)
    server.events('s2', events.slice(1))

    expect(await stream.done).toMatchObject({ text: 'a' })
  })

  it('drops what a failed attempt said behind resumeFrom', async () => {
    const stream = connect().execution('e1')
    const bodies = [started(), chunk('kept '), chunk('lost'), retrying(1), chunk('new'), completed('kept new', 6)]
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', executionEvents(bodies))

    expect(await stream.done).toMatchObject({ text: 'kept new', events: 6 })
  })

  it('resolves a failed execution with its error', async () => {
    const { sha256 } = completed('', 2).data as { sha256: string }
    const failed = { type: 'failed', data: { code: 'rate_limit', detail: 'too many calls', events: 2, sha256 } } as const
    const stream = connect().execution('e1')
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', executionEvents([started(), failed]))

    expect(await stream.done).toMatchObject({ status: 'failed', error: { code: 'rate_limit', detail: 'too many calls' } })
  })

  it('reads everything again when the hash does not fit', async () => {
    const right = answer(['right'])
    door.on('GET /v1/executions/e1/events', () => ({ body: { events: right, next: 2, complete: true } }))
    const stream = connect().execution('e1')
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', executionEvents([started(), chunk('wrong'), completed('right', 3)]))

    expect(await stream.done).toMatchObject({ text: 'right' })
    expect(stream.text).toBe('right')
  })

  it('goes on reading everything again when the door fails meanwhile', async () => {
    const right = answer(['right'])
    const failures = [problem('unavailable', 'later'), problem('rate_limit', 'later')]
    door.on('GET /v1/executions/e1/events', () => failures.shift() ?? { body: { events: right, next: 2, complete: true } })
    const stream = connect().execution('e1')
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', executionEvents([started(), chunk('wrong'), completed('right', 3)]))

    expect(await stream.done).toMatchObject({ text: 'right', verified: true })
  })

  it('fails with integrity_error when the hash does not fit twice', async () => {
    const wrong = executionEvents([started(), chunk('wrong'), completed('right', 3)])
    door.on('GET /v1/executions/e1/events', () => ({ body: { events: wrong, next: 2, complete: true } }))
    const stream = connect().execution('e1')
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', wrong)

    expect(await refusal(collect(stream))).toMatchObject({ code: 'integrity_error' })
    expect(await refusal(stream.done)).toMatchObject({ code: 'integrity_error' })
  })

  it('begins behind `after`, and still verifies the whole text', async () => {
    const events = answer(['a', 'b'])
    door.on('GET /v1/executions/e1/events', () => ({ body: { events, next: 3, complete: true } }))
    const stream = connect().execution('e1', { after: 1 })
    const server = await door.connection()
    expect(await server.confirm('s1')).toBe(1)
    server.events('s1', events.slice(2))

    expect(await collect(stream)).toEqual(events.slice(2))
    expect(await stream.done).toMatchObject({ text: 'ab' })
  })

  it('goes on from a stored state without reading anything twice', async () => {
    const events = answer(['a', 'b'])
    const before = connect().execution('e1')
    const first = await door.connection()
    await first.confirm('s1')
    first.events('s1', events.slice(0, 2))
    const reader = before[Symbol.asyncIterator]()
    await reader.next()
    await reader.next()
    const stored: ExecutionState = JSON.parse(JSON.stringify(before.state))
    client.close()

    const after = connect().execution('e1', { state: stored })
    expect(after.text).toBe('a')
    const second = await door.connection()
    expect(await second.confirm('s2')).toBe(1)
    second.events('s2', events.slice(2))

    expect(await after.done).toMatchObject({ text: 'ab', events: 4 })
    expect(door.requests).toEqual([])
  })

  it('unsubscribes when the reader leaves the loop', async () => {
    const stream = connect().execution('e1')
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', answer(['a']).slice(0, 1))

    for await (const _event of stream) break

    expect((await server.take('unsubscribe')).payload.channel).toBe('execution:e1')
    expect(await refusal(stream.done)).toMatchObject({ code: 'closed' })
  })

  it('throws the reason of its signal', async () => {
    const abort = new AbortController()
    const stream = connect().execution('e1', { signal: abort.signal })
    const server = await door.connection()
    await server.confirm('s1')

    abort.abort(new Error('enough'))

    await expect(stream.done).rejects.toThrow('enough')
    await server.take('unsubscribe')
  })

  it('gives two readers of one execution one subscription, each from its own cursor', async () => {
    const events = answer(['a', 'b'])
    const late = connect().execution('e1', { after: 1 })
    const server = await door.connection()
    expect(await server.confirm('s1')).toBe(1)
    const early = client.execution('e1')
    expect(await server.confirm('s2')).toBe(-1)
    door.on('GET /v1/executions/e1/events', () => ({ body: { events, next: 3, complete: true } }))
    server.events('s2', events)

    expect(await collect(early)).toEqual(events)
    expect((await collect(late)).map((event) => event.sequence)).toEqual([2, 3])
  })
})

describe('server errors', () => {
  it('fails the stream with the code of a final error frame', async () => {
    const stream = connect().execution('e1')
    const server = await door.connection()
    const { id } = await server.take('subscribe')
    server.send({
      message_type: 'error',
      response_to: id,
      payload: { code: 'not_found', detail: 'no such execution', retryable: false },
    })

    expect(await refusal(stream.done)).toMatchObject({ code: 'not_found', message: 'no such execution' })
  })

  it('asks again after a retryable error frame', async () => {
    const stream = connect().execution('e1')
    const server = await door.connection()
    const { id } = await server.take('subscribe')
    server.send({ message_type: 'error', response_to: id, payload: { code: 'unavailable', detail: 'busy', retryable: true } })

    await server.confirm('s1')
    server.events('s1', answer(['a']))

    expect(await stream.done).toMatchObject({ text: 'a' })
  })

  it('tells the code, the fields and the request id of a problem', async () => {
    const { body } = problem('validation_error', 'the body is not valid')
    const errors = [{ path: 'data', message: 'required' }]
    door.on('POST /v1/topics/news/messages', () => ({ status: 422, body: { ...body, errors, requestId: 'r1' } }))

    const error = await refusal(connect().publish('news', undefined))

    expect(error).toMatchObject({ code: 'validation_error', status: 422, errors, requestId: 'r1', retryable: false })
  })
})

describe('connection', () => {
  it('takes a new ticket when one is refused', async () => {
    door.refuse(1)
    connect().connect()
    expect((await door.connection()).protocols).toContain('ticket.t2')
  })

  it('ends with unauthorized when the token expired', async () => {
    door.on('POST /v1/tickets', () => problem('unauthorized', 'the token has expired'))
    const stream = connect().execution('e1')

    expect(await refusal(stream.done)).toMatchObject({ code: 'unauthorized', status: 401 })
    expect(client.state).toBe('closed')
  })

  it('replaces a socket that does not answer a ping', async () => {
    const stream = connect({ pingMs: 200, pongMs: 200 }).execution('e1')
    const dead = await door.connection()
    await dead.confirm('s1')
    await dead.take('ping')

    const alive = await door.connection()
    expect(await alive.confirm('s2')).toBe(-1)
    alive.events('s2', answer(['a']))

    expect(await stream.done).toMatchObject({ text: 'a' })
  })

  it('replaces a socket that does not confirm', async () => {
    connect({ confirmMs: 200 }).execution('e1')
    const dead = await door.connection()
    await dead.take('subscribe')
    await (await door.connection()).confirm('s1')
    await dead.closed
  })

  it('opens the next socket before it closes one that is too old', async () => {
    const stream = connect({ maxAgeMs: 200 }).execution('e1')
    const old = await door.connection()
    await old.confirm('s1')
    const fresh = await door.connection()
    await fresh.confirm('s2')
    fresh.events('s2', answer(['a']))

    expect(await stream.done).toMatchObject({ text: 'a' })
    await old.closed
  })

  it('polls over HTTP while no socket can be opened', async () => {
    const events = answer(['a'])
    door.refuse(Number.POSITIVE_INFINITY)
    door.on('GET /v1/executions/e1/events', () => ({ body: { events, next: 2, complete: true } }))

    expect(await connect().execution('e1').done).toMatchObject({ text: 'a', events: 3 })
  })

  it('connects though a listener of its states throws, which is told to the page', async () => {
    const told: unknown[] = []
    vi.stubGlobal('queueMicrotask', (rethrow: () => void) => {
      try {
        rethrow()
      } catch (error) {
        told.push(error)
      }
    })
    const stop = connect().connection.onChange(() => {
      throw new Error('of the page')
    })

    const stream = client.execution('e1')
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', answer(['a']))

    expect(await stream.done).toMatchObject({ text: 'a' })
    expect(told[0]).toMatchObject({ message: 'of the page' })
    stop()
    vi.unstubAllGlobals()
  })

  it('tells its states in order', async () => {
    const states: string[] = []
    connect().onState((state) => states.push(state))
    client.connect()
    const first = await door.connection()
    first.cut()
    await door.connection()
    client.close()

    expect(states.slice(0, 4)).toEqual(['closed', 'connecting', 'open', 'reconnecting'])
    expect(() => client.execution('e1')).toThrow(expect.objectContaining({ code: 'closed' }))
  })
})

describe('run', () => {
  it('sends the request once per key and follows the execution', async () => {
    door.on('POST /v1/executions', () => ({ status: 202, body: { executionId: 'e9', status: 'queued' } }))
    const stream = await connect().run('assistant', 'Hi', { idempotencyKey: 'k1' })
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', answer(['Hello'], 'e9'))

    expect(await stream.done).toMatchObject({ executionId: 'e9', text: 'Hello' })
    expect(door.requests).toMatchObject([
      {
        headers: { authorization: 'Bearer token', 'idempotency-key': 'k1' },
        body: { agentId: 'assistant', input: { content: 'Hi' } },
      },
    ])
  })

  it('names the images that come with the question', async () => {
    door.on('POST /v1/executions', () => ({ status: 202, body: { executionId: 'e9', status: 'queued' } }))
    const stream = await connect().run('assistant', 'What is this?', { attachments: ['a1', 'a2'] })
    stream.detach()

    expect(door.requests).toMatchObject([{ body: { input: { content: 'What is this?', attachments: ['a1', 'a2'] } } }])
  })
})

describe('executions', () => {
  it('reads a page of those of an agent, by status', async () => {
    door.on('GET /v1/executions', ({ path }) => ({ body: { executions: [], next: path } }))

    const { next } = await connect().executions('a&b', { status: 'failed', limit: 5, after: 'c1' })

    expect(next).toBe('/v1/executions?agentId=a%26b&status=failed&limit=5&after=c1')
  })

  it('asks for the place in the queue only when it is wanted', async () => {
    door.on('GET /v1/executions/e1', ({ path }) => ({ body: { executionId: path } }))

    expect(await connect().getExecution('e1')).toEqual({ executionId: '/v1/executions/e1' })
    expect(await client.getExecution('e1', { position: true })).toEqual({ executionId: '/v1/executions/e1?position=true' })
  })

  it('cancels, and moves in the queue', async () => {
    door.on('POST /v1/executions/e%2F1/cancel', () => ({ status: 202, body: { status: 'cancelled' } }))
    door.on('POST /v1/executions/e1/priority', () => ({ body: { priority: 9 } }))

    expect(await connect().cancelExecution('e/1')).toEqual({ status: 'cancelled' })
    expect(await client.changePriority('e1', 9)).toEqual({ priority: 9 })

    expect(door.requests.at(-1)).toMatchObject({ body: { priority: 9 } })
  })

  it('does one again, once for each key', async () => {
    door.on('POST /v1/executions/e1/retry', () => ({ status: 202, body: { executionId: 'e2' } }))

    expect(await connect().retryExecution('e1', { idempotencyKey: 'k1' })).toEqual({ executionId: 'e2' })
    await client.retryExecution('e1')

    const keys = door.requests.map(({ headers }) => headers['idempotency-key'])
    expect(keys).toEqual(['k1', expect.stringMatching(/^[0-9a-f-]{36}$/)])
  })
})

describe('agents', () => {
  it('reads all pages', async () => {
    door.on('GET /v1/agents', ({ path }) => ({
      body: path.includes('after=a1') ? { agents: [{ agentId: 'a2' }] } : { agents: [{ agentId: 'a1' }], next: 'a1' },
    }))
    expect(await connect().agents()).toEqual([{ agentId: 'a1' }, { agentId: 'a2' }])
  })

  it('registers one under a key', async () => {
    door.on('POST /v1/agents', () => ({ status: 201, body: { agentId: 'a1' } }))

    await connect().createAgent({ name: 'Writer', llm: { provider: 'scripted', model: 'm' } }, { idempotencyKey: 'k1' })

    expect(door.requests).toMatchObject([{ headers: { 'idempotency-key': 'k1' }, body: { name: 'Writer' } }])
  })

  it('changes the status by a verb, and says what to do with executions', async () => {
    door.on('POST /v1/agents/a%2F1/stop', () => ({ status: 202, body: { status: 'stopping' } }))

    expect(await connect().changeAgent('a/1', 'stop', { policy: 'cancel' })).toEqual({ status: 'stopping' })

    expect(door.requests).toMatchObject([{ body: { policy: 'cancel' } }])
  })

  it('deletes one, and tells when it is gone', async () => {
    door.on('DELETE /v1/agents/a1', () => ({ status: 202, body: { status: 'stopping' } }))
    door.on('DELETE /v1/agents/a2', () => ({ status: 204 }))

    expect(await connect().changeAgent('a1', 'delete')).toEqual({ status: 'stopping' })
    expect(await connect().changeAgent('a2', 'delete')).toBeUndefined()
  })

  it('asks how one is', async () => {
    door.on('GET /v1/agents/a1/health', () => ({ body: { health: 'healthy' } }))

    expect(await connect().agentHealth('a1')).toEqual({ health: 'healthy' })
  })
})

describe('topic', () => {
  it('begins where the server says and goes on from there after a cut', async () => {
    const stream = connect().topic('news')
    const reader = stream[Symbol.asyncIterator]()
    const first = await door.connection()
    const { id, payload } = await first.take('subscribe')
    expect(payload).toEqual({ channel: 'topic:news' })
    first.send({
      message_type: 'subscription_confirmed',
      response_to: id,
      payload: { channel: 'topic:news', subscription: 's1', after: 41 },
    })
    expect(await stream.ready).toBe(41)
    first.cut()

    const second = await door.connection()
    expect(await second.confirm('s2')).toBe(41)
    second.events('s2', [topicEvent(42, 'hello')])

    expect((await reader.next()).value).toMatchObject({ sequence: 42, data: { data: 'hello' } })
  })

  it('goes on where the server says when the events behind its cursor have expired', async () => {
    const stream = connect().topic('news', { after: 7 })
    const reader = stream[Symbol.asyncIterator]()
    const first = await door.connection()
    const { id } = await first.take('subscribe')
    first.send({
      message_type: 'subscription_confirmed',
      response_to: id,
      payload: { channel: 'topic:news', subscription: 's1', after: 41 },
    })
    expect(await stream.ready).toBe(41)
    first.cut()

    const second = await door.connection()
    expect(await second.confirm('s2')).toBe(41)
    second.events('s2', [topicEvent(42, 'hello')])

    expect((await reader.next()).value).toMatchObject({ sequence: 42 })
  })

  it('shows a message that is too large for a frame as it comes', async () => {
    const stream = connect().topic('news', { after: -1 })
    const server = await door.connection()
    await server.confirm('s1')
    const event = topicEvent(0, null)
    const reference = { ...event, data: { ...event.data, dataref: '/v1/topics/news/events?after=-1&limit=1' } }
    server.events('s1', [reference])

    const { value } = await stream[Symbol.asyncIterator]().next()

    expect(value).toEqual(reference)
  })

  it('leaves while a slow reader has too much, and reads on from the cursor', async () => {
    const stream = connect().topic('news', { after: -1 })
    const server = await door.connection()
    await server.confirm('s1')
    server.events(
      's1',
      Array.from({ length: 1_000 }, (_, sequence) => topicEvent(sequence, sequence)),
    )
    await server.take('unsubscribe')
    server.send({ message_type: 'unsubscription_confirmed', payload: { channel: 'topic:news' } })

    const reader = stream[Symbol.asyncIterator]()
    for (let count = 0; count < 1_000; count += 1) await reader.next()
    const next = reader.next()
    expect(await server.confirm('s2')).toBe(999)
    server.events('s2', [topicEvent(1_000, 'more')])

    expect((await next).value).toMatchObject({ sequence: 1_000 })
  })

  it('comes back after an unsubscription on its way, not before', async () => {
    const first = connect().topic('news', { after: 3 })
    const server = await door.connection()
    await server.confirm('s1')
    await first.ready
    first.close()
    const second = client.topic('news', { after: 5 })
    await server.take('unsubscribe')
    server.send({ message_type: 'unsubscription_confirmed', payload: { channel: 'topic:news' } })

    expect(await server.confirm('s2')).toBe(5)
    expect(await second.ready).toBe(5)
  })
})
