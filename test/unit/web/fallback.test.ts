import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Client, type ClientOptions, createClient, type SluiceClientError } from '../../../web/client/index.ts'
import { answer, chunk, completed, executionEvents, started, topicEvent } from '../../helpers/execution-events.ts'
import { problem, type ScriptedFrontDoor, startScriptedFrontDoor } from '../../helpers/scripted-front-door.ts'

const QUICK = { backoffMs: 1, backoffCapMs: 5, gapMs: 20, pollMs: 1, pollCapMs: 5 }

let door: ScriptedFrontDoor
let client: Client

const connect = ({ timing, ...options }: Partial<ClientOptions> = {}): Client => {
  client = createClient({ baseUrl: door.url, token: 'token', timing: { ...QUICK, ...timing }, ...options })
  return client
}
const refusal = (promise: Promise<unknown>): Promise<SluiceClientError> =>
  promise.then(
    () => expect.unreachable(),
    (error) => error,
  )
/** Answers pages of an execution from a log that may still grow. */
const serveLog = (log: () => readonly { sequence: number }[], route = 'GET /v1/executions/e1/events') =>
  door.on(route, ({ path }) => {
    const after = Number(new URL(path, door.url).searchParams.get('after'))
    const events = log().filter(({ sequence }) => sequence > after)
    return { body: { events, next: events.at(-1)?.sequence ?? after, complete: false } }
  })

beforeEach(async () => {
  door = await startScriptedFrontDoor()
})
afterEach(async () => {
  client.close()
  await door.stop()
})

describe('event stream', () => {
  beforeEach(() => door.allowStreams())

  it('takes over from the cursor while no socket can be had, with the ticket in a header', async () => {
    const events = answer(['a', 'b', 'c'])
    const stream = connect().execution('e1')
    const socket = await door.connection()
    await socket.confirm('s1')
    socket.events('s1', events.slice(0, 2))
    await stream[Symbol.asyncIterator]().next()
    door.refuse(Number.POSITIVE_INFINITY)
    socket.cut()

    const sse = await door.stream()
    expect(sse.request.path).toBe('/streams/executions/e1?after=1&snapshot=true')
    expect(sse.request.headers['x-sluice-ticket']).toMatch(/^t\d+$/)
    expect(sse.request.headers.authorization).toBeUndefined()
    sse.events(events.slice(1, 3))
    await expect.poll(() => stream.stats.transport).toBe('sse')
    expect(client.connection).toMatchObject({ state: 'open', transport: 'sse' })
    sse.events(events.slice(3))

    expect(await stream.done).toMatchObject({ text: 'abc', events: 5 })
    expect(stream.stats).toMatchObject({ resumes: 1, duplicatesDropped: 1, cursor: 4 })
    await sse.closed
  })

  it('goes back to the socket when that works again', async () => {
    const events = answer(['a', 'b'])
    door.refuse(3)
    const stream = connect({ timing: { backoffCapMs: 20 } }).execution('e1')
    const sse = await door.stream()
    sse.events(events.slice(0, 2))
    const socket = await door.connection()
    expect(await socket.confirm('s1')).toBeGreaterThanOrEqual(-1)
    await sse.closed
    socket.events('s1', events.slice(1))

    expect(await stream.done).toMatchObject({ text: 'ab' })
    expect(stream.stats.resumes).toBeGreaterThan(0)
  })

  it('opens it again from the cursor when it breaks off, ends early or falls silent', async () => {
    const events = answer(['a', 'b', 'c'])
    const stream = connect({ transports: ['sse'], timing: { silenceMs: 500 } }).execution('e1')
    const first = await door.stream()
    first.events(events.slice(0, 1))
    await expect.poll(() => stream.state.cursor).toBe(0)
    first.cut()
    const second = await door.stream()
    expect(second.request.path).toContain('after=0')
    second.events(events.slice(1, 2))
    await expect.poll(() => stream.state.cursor).toBe(1)
    second.end()
    const third = await door.stream()
    expect(third.request.path).toContain('after=1')
    third.events(events.slice(2, 3))
    const fourth = await door.stream()
    await third.closed
    expect(fourth.request.path).toContain('after=2')
    fourth.events(events.slice(3))

    expect(await stream.done).toMatchObject({ text: 'abc' })
  })

  it('asks again from the cursor when an event is missing', async () => {
    const events = answer(['a', 'b', 'c'])
    const stream = connect({ transports: ['sse'] }).execution('e1')
    const torn = await door.stream()
    torn.events([...events.slice(0, 2), ...events.slice(3, 4)])

    const whole = await door.stream()
    expect(whole.request.path).toContain('after=1')
    whole.events(events.slice(2))

    expect(await stream.done).toMatchObject({ text: 'abc' })
    expect(stream.stats.gapsHealed).toBe(1)
  })

  it('follows a topic from its end, and over expired messages', async () => {
    serveLog(() => [topicEvent(41, 'old')], 'GET /v1/topics/news/events')
    const stream = connect({ transports: ['sse'] }).topic('news')
    expect(await stream.ready).toBe(41)
    const sse = await door.stream()
    expect(sse.request.path).toBe('/streams/topics/news?after=41')
    sse.events([topicEvent(50, 'new'), topicEvent(51, 'newer')])

    const reader = stream[Symbol.asyncIterator]()
    expect((await reader.next()).value).toMatchObject({ sequence: 50 })
    expect((await reader.next()).value).toMatchObject({ sequence: 51 })
  })

  it('takes in another reader of a topic while it flows', async () => {
    serveLog(() => [topicEvent(41, 'old')], 'GET /v1/topics/news/events')
    const first = connect({ transports: ['sse'] }).topic('news')
    const sse = await door.stream()
    sse.events([topicEvent(42, 'new')])
    await expect.poll(() => first.cursor).toBe(42)

    const second = client.topic('news')
    expect(await second.ready).toBe(42)
    sse.events([topicEvent(43, 'newer')])

    expect((await second[Symbol.asyncIterator]().next()).value).toMatchObject({ sequence: 43 })
  })

  it('reads lifecycle events of one agent', async () => {
    const fact = { type: 'lifecycle', sequence: 3, time: '2026-11-21T09:30:00.000Z', data: { type: 'agent.started' } }
    const stream = connect({ transports: ['sse'] }).events({ agentId: 'a1', type: 'agent.', after: 2 })
    const sse = await door.stream()
    expect(sse.request.path).toBe('/streams/events?agent=a1&after=2')
    sse.write(`event: lifecycle\ndata: ${JSON.stringify(fact)}\n\n`)

    expect((await stream[Symbol.asyncIterator]().next()).value).toEqual(fact)
  })

  it('ends when the execution has ended and nothing is kept of it', async () => {
    door.on('GET /v1/executions/e1', () => ({ body: { endedAt: '2026-11-21T09:30:00.000Z' } }))
    serveLog(() => [])
    const stream = connect({ transports: ['sse'] }).execution('e1')
    const sse = await door.stream()
    sse.end()

    expect(await refusal(stream.done)).toMatchObject({ code: 'events_lost' })
  })

  it('fails with events_lost when the missing event never comes', async () => {
    const stream = connect({ transports: ['sse'] }).execution('e1')
    for (let attempt = 0; attempt < 6; attempt += 1) (await door.stream()).events(executionEvents([chunk('late')], 'e1', 7))

    expect(await refusal(stream.done)).toMatchObject({ code: 'events_lost' })
  })

  it('ends with the refusal of the door when there is no other way', async () => {
    const abort = new AbortController()
    door.on('POST /v1/tickets', () => problem('forbidden', 'no scope'))
    const stream = connect({ transports: ['sse'] }).execution('e1', { signal: abort.signal })

    expect(await refusal(stream.done)).toMatchObject({ code: 'forbidden' })
  })
})

describe('pages', () => {
  it('are read when streams fail as well, and say so', async () => {
    const events = answer(['a', 'b'])
    let known = 2
    serveLog(() => events.slice(0, known))
    door.refuse(Number.POSITIVE_INFINITY)
    const stream = connect().execution('e1')
    const seen: string[] = []
    stream.on({ status: (status) => seen.push(status) })
    await expect.poll(() => stream.stats).toMatchObject({ transport: 'poll', cursor: 1 })
    known = 4

    expect(await stream.done).toMatchObject({ text: 'ab' })
    expect(seen.slice(-2)).toEqual(['live', 'ended'])
  })

  it('give way to the event stream once it works', async () => {
    const events = answer(['a'])
    serveLog(() => events.slice(0, 1))
    const stream = connect({ transports: ['sse', 'poll'], timing: { pollingMs: 30 } }).execution('e1')
    await expect.poll(() => stream.stats.transport).toBe('poll')
    door.allowStreams()

    const sse = await door.stream()
    expect(sse.request.path).toContain('after=0')
    sse.events(events.slice(1))
    expect(await stream.done).toMatchObject({ text: 'a' })
  })

  it('end with the refusal of the door', async () => {
    door.on('GET /v1/executions/e1/events', () => problem('not_found', 'no such execution'))
    const stream = connect({ transports: ['poll'] }).execution('e1')

    expect(await refusal(stream.done)).toMatchObject({ code: 'not_found' })
  })

  it('bring lifecycle events past pages of which nothing was wanted', async () => {
    const fact = { type: 'lifecycle', sequence: 9, time: '2026-11-21T09:30:00.000Z', data: { type: 'agent.started' } }
    door.on('GET /v1/events', ({ path }) => {
      const after = Number(new URL(path, door.url).searchParams.get('after'))
      return { body: after < 8 ? { events: [], next: 8 } : { events: after < 9 ? [fact] : [], next: 9 } }
    })
    const stream = connect({ transports: ['poll'] }).events({ after: 2 })

    expect((await stream[Symbol.asyncIterator]().next()).value).toEqual(fact)
    expect(stream.cursor).toBe(9)
  })
})

describe('readers with different places', () => {
  it('get each what they lack', async () => {
    door.allowStreams()
    const events = executionEvents([started(), chunk('a'), chunk('b'), completed('ab', 4)])
    const late = connect({ transports: ['sse'] }).execution('e1', { after: 1 })
    const first = await door.stream()
    expect(first.request.path).toContain('after=1')
    const early = client.execution('e1')
    const second = await door.stream()
    expect(second.request.path).toBe('/streams/executions/e1?after=-1')
    await first.closed
    serveLog(() => events)
    second.events(events)

    expect(await early.done).toMatchObject({ text: 'ab' })
    expect(await late.done).toMatchObject({ text: 'ab' })
  })
})
