import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { type Client, createClient, type Timing } from '../../../web/client/index.ts'
import { answer, chunk, completed, executionEvents, retrying, started } from '../../helpers/execution-events.ts'
import { problem, type ScriptedFrontDoor, startScriptedFrontDoor } from '../../helpers/scripted-front-door.ts'

let door: ScriptedFrontDoor
let client: Client

const connect = (timing: Partial<Timing> = {}): Client => {
  client = createClient({ baseUrl: door.url, token: 'token', timing: { backoffMs: 1, backoffCapMs: 5, gapMs: 20, ...timing } })
  return client
}
const serveLog = (events: readonly ExecutionEvent[]) =>
  door.on('GET /v1/executions/e1/events', ({ path }) => {
    const after = Number(new URL(path, door.url).searchParams.get('after'))
    return { body: { events: events.slice(after + 1), next: events.length - 1, complete: true } }
  })
const packed = (event: ExecutionEvent | undefined, from: number): ExecutionEvent => ({ ...(event as ExecutionEvent), from })

beforeEach(async () => {
  door = await startScriptedFrontDoor()
})
afterEach(async () => {
  client.close()
  await door.stop()
})

describe('packed events', () => {
  it('are asked for, and stand for all that they cover', async () => {
    const stream = connect().execution('e1')
    const events = executionEvents([started(), chunk('abc'), chunk('d'), completed('abcd', 7)])
    const server = await door.connection()
    const { id, payload } = await server.take('subscribe')
    expect(payload).toEqual({ channel: 'execution:e1', after: -1, snapshot: true })
    const place = { channel: 'execution:e1', subscription: 's1' }
    server.send({ message_type: 'subscription_confirmed', response_to: id, payload: { ...place, after: -1 } })
    const [first, text, more, end] = events
    const replay = [
      first,
      packed({ ...text, sequence: 3 } as ExecutionEvent, 1),
      packed({ ...more, sequence: 5 } as ExecutionEvent, 4),
    ]
    const last = { ...end, sequence: 6 } as ExecutionEvent
    server.send({ message_type: 'realtime_event', payload: { ...place, events: [...(replay as ExecutionEvent[]), last] } })

    expect(await stream.done).toMatchObject({ text: 'abcd', events: 7 })
  })

  it('are not asked for by a reader that wants each event', async () => {
    connect().execution('e1', { packed: false })
    const { payload } = await (await door.connection()).take('subscribe')
    expect(payload).not.toHaveProperty('snapshot')
  })

  it('are read one by one when a retry keeps a part of them', async () => {
    const bodies = [started(), chunk('kept '), chunk('lost '), retrying(1), chunk('new'), completed('kept new', 6)]
    const events = executionEvents(bodies)
    serveLog(events)
    const stream = connect().execution('e1')
    const texts: string[] = []
    stream.on({ text: (text) => texts.push(text) })
    const server = await door.connection()
    await server.confirm('s1')
    const both = packed({ ...executionEvents([chunk('kept lost ')])[0], sequence: 2 } as ExecutionEvent, 1)
    server.events('s1', [events[0] as ExecutionEvent, both])
    await expect.poll(() => stream.text).toBe('kept lost ')
    server.events('s1', events.slice(3, 4))
    await expect.poll(() => stream.text).toBe('kept ')
    server.events('s1', events.slice(4))

    expect(await stream.done).toMatchObject({ text: 'kept new' })
    expect(texts).toEqual(['kept lost ', '', 'kept ', 'kept new'])
  })

  it('are asked for no longer when a reader has a part of one', async () => {
    const late = connect().execution('e1', { after: 1 })
    const server = await door.connection()
    await server.confirm('s1')
    client.execution('e1')
    const { payload } = await server.take('subscribe')
    expect(payload).toEqual({ channel: 'execution:e1', after: -1 })
    late.detach()
  })
})

describe('callbacks', () => {
  it('are called once a frame, and with the result at the end', async () => {
    const stream = connect().execution('e1')
    const calls: unknown[][] = []
    const stop = stream.on({
      text: (text) => calls.push(['text', text]),
      events: (events) => calls.push(['events', events.length]),
      done: ({ text }) => calls.push(['done', text]),
    })
    const server = await door.connection()
    await server.confirm('s1')
    const events = answer(['a', 'b', 'c'])
    server.events('s1', events.slice(0, 3))
    server.events('s1', events.slice(3))
    await stream.done
    await expect.poll(() => calls.at(-1)).toEqual(['done', 'abc'])

    expect(calls.slice(0, -1)).toEqual([
      ['events', 3],
      ['text', 'ab'],
      ['events', 2],
      ['text', 'abc'],
    ])
    stop()
  })

  it('tell how the stream fares', async () => {
    const stream = connect().execution('e1')
    const seen: string[] = [stream.status]
    stream.on({ status: (status) => seen.push(status) })
    const events = answer(['a'])
    const first = await door.connection()
    await first.confirm('s1')
    first.events('s1', events.slice(0, 1))
    await expect.poll(() => stream.state.cursor).toBe(0)
    first.cut()
    const second = await door.connection()
    await second.confirm('s2')
    second.events('s2', events.slice(1))
    await stream.done

    expect(seen).toEqual(['connecting', 'live', 'connecting', 'catching-up', 'live', 'ended'])
    expect(stream.stats).toMatchObject({ resumes: 1, frames: 2, cursor: 2, transport: 'socket' })
    expect(client.connection).toMatchObject({ state: 'open', transport: 'socket', reconnects: 1 })
  })

  it('get the error, and none after they were removed', async () => {
    const stream = connect().execution('e1')
    const errors: unknown[] = []
    stream.on({ error: (error) => errors.push(error) })
    stream.on({ error: () => errors.push('removed') })()
    stream.detach()
    stream.detach()

    expect(errors).toEqual([expect.objectContaining({ code: 'closed' })])
  })
})

describe('silence', () => {
  it('of an execution that has ended brings the rest over HTTP', async () => {
    const events = answer(['a', 'b'])
    serveLog(events)
    door.on('GET /v1/executions/e1', () => ({ body: { status: 'completed', endedAt: '2026-11-21T09:30:00.000Z' } }))
    const stream = connect({ stallMs: 200 }).execution('e1')
    const seen: string[] = []
    stream.on({ status: (status) => seen.push(status) })
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', events.slice(0, 2))

    expect(await stream.done).toMatchObject({ text: 'ab' })
    expect(seen).toEqual(['live', 'stalled', 'ended'])
  })

  it('of an execution that runs is asked about, and subscribed to again', async () => {
    const events = answer(['a'])
    door.on('GET /v1/executions/e1', () => ({ body: { status: 'running' } }))
    const stream = connect({ stallMs: 200 }).execution('e1')
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', events.slice(0, 1))
    expect(await server.confirm('s2')).toBe(0)
    expect(door.requests.map(({ path }) => path)).toEqual(['/v1/executions/e1'])
    server.events('s2', events.slice(1))

    expect(await stream.done).toMatchObject({ text: 'a' })
  })

  it('that begins at the end of a stream finds out, and gives the whole result', async () => {
    door.on('GET /v1/executions/e1', () => ({ body: { status: 'completed', endedAt: '2026-11-20T09:30:00.000Z' } }))
    serveLog(answer(['a']))
    const stream = connect({ stallMs: 200 }).execution('e1', { after: 2 })
    await (await door.connection()).confirm('s1')

    expect(await stream.done).toMatchObject({ text: 'a', verified: true })
  })

  it('of an execution whose events are no longer kept is no spinner for ever', async () => {
    door.on('GET /v1/executions/e1', () => ({ body: { status: 'completed', endedAt: '2026-11-20T09:30:00.000Z' } }))
    serveLog([])
    const stream = connect({ stallMs: 200 }).execution('e1')
    await (await door.connection()).confirm('s1')

    await expect(stream.done).rejects.toMatchObject({ code: 'events_lost' })
    expect(stream.status).toBe('ended')
  })
})

describe('leaving', () => {
  it('by cancel goes on to the terminal event', async () => {
    const stream = connect().execution('e1')
    door.on('POST /v1/executions/e1/cancel', () => ({ status: 202, body: { status: 'running' } }))
    const server = await door.connection()
    await server.confirm('s1')
    expect(await stream.cancel()).toMatchObject({ status: 'running' })
    const { sha256 } = completed('a', 3).data as { sha256: string }
    const cancelled = { type: 'cancelled', data: { code: 'cancelled', detail: 'by the caller', events: 3, sha256 } } as const
    server.events('s1', executionEvents([started(), chunk('a'), cancelled]))

    expect(await stream.done).toMatchObject({ status: 'cancelled', text: 'a' })
  })

  it('by detach asks for nothing but the end of the subscription', async () => {
    const stream = connect().execution('e1')
    const server = await door.connection()
    await server.confirm('s1')
    stream.detach()
    await server.take('unsubscribe')
    expect(stream.status).toBe('idle')
    expect(door.requests).toEqual([])
  })
})

describe('a stream that ended', () => {
  it('is not changed by a signal or a detach behind it', async () => {
    const abort = new AbortController()
    const stream = connect().execution('e1', { signal: abort.signal })
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', answer(['a']))
    await stream.done
    abort.abort()
    stream.detach()

    expect(stream.status).toBe('ended')
    expect(await stream.done).toMatchObject({ text: 'a' })
  })

  it('is verified again over HTTP, or fails with what that says', async () => {
    door.on('GET /v1/executions/e1/events', () => problem('forbidden', 'no scope'))
    const stream = connect().execution('e1')
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', executionEvents([started(), chunk('wrong'), completed('right', 3)]))

    await expect(stream.done).rejects.toMatchObject({ code: 'forbidden' })
  })
})
