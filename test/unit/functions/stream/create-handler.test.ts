import { describe, expect, it, vi } from 'vitest'
import { BOUND_TICKET_MS } from '#shared/access/ticket-store.ts'
import { ALL_CHANNEL, agentChannel, topicChannel } from '#shared/protocol/channel.ts'
import { answer, chunk, completed, executionEvents, retrying, started, topicEvent } from '../../../helpers/execution-events.ts'
import { aFact, toldAt } from '../../../helpers/facts.ts'
import { blocksOf, eventsOf, idsOf, readUntil, type StreamDoor, streamDoor } from '../../../helpers/stream-door.ts'

const OPENING = 'retry: 1000\n\n'

describe('the function "stream"', () => {
  it('streams an execution from its start to its terminal event', async () => {
    const door = await streamDoor()
    await door.withExecution()

    const { head, text } = await door.get({ query: { ticket: await door.ticket() } })

    const [first] = answer(['Hel', 'lo'])
    expect(head).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
    expect(text).toMatch(/^retry: 1000\n\nid: 0\nevent: started\ndata: /)
    expect(text).toContain(`id: 0\nevent: started\ndata: ${JSON.stringify(first)}\n\n`)
    expect(text).toMatch(/id: 3\nevent: completed\ndata: \{.*\}\n\n$/)
    expect(idsOf(text)).toEqual(['0', '1', '2', '3'])
  })

  it.each([
    [{ query: { after: '1' } }, ['2', '3']],
    [{ query: { after: '-1' } }, ['0', '1', '2', '3']],
    [{ headers: { 'last-event-id': '2' }, query: { after: '0' } }, ['3']],
    [{ headers: { 'last-event-id': '' }, query: { after: '2' } }, ['3']],
  ])('goes on behind the cursor of %j', async ({ query = {}, headers = {} }: { query?: object; headers?: object }, expected) => {
    const door = await streamDoor()
    await door.withExecution()

    const { text } = await door.get({ query: { ...query, ticket: await door.ticket() }, headers: { ...headers } })

    expect(idsOf(text)).toEqual(expected)
  })

  it('sends what is appended while it is open', async () => {
    const door = await streamDoor()
    const [first, second, third] = answer(['Hello'])
    if (!first || !second || !third) throw new Error('an answer has three events here')
    await door.withExecution([first])
    const { response, done } = door.open({ query: { ticket: await door.ticket() } })

    await readUntil(response, 'id: 0')
    await door.streamLog.append(door.ref, [second])
    await readUntil(response, 'id: 1')
    await door.streamLog.append(door.ref, [third])
    await readUntil(response, 'id: 2')

    await done
    expect(response.writableEnded).toBe(true)
  })

  it.each([
    ['Last-Event-ID', { headers: { 'last-event-id': '2' } }],
    ['after', { query: { after: '2' } }],
    ['a cursor behind the end', { query: { after: '7' } }],
  ])(
    'answers 204, after which no EventSource comes back, to whoever has everything: %s',
    async (_, { query = {}, headers = {} }: { query?: object; headers?: object }) => {
      const door = await streamDoor()
      await door.withExecution(answer(['Hello']).slice(0, 2))
      await door.end()

      const { head, text } = await door.get({ query: { ...query, ticket: await door.ticket() }, headers: { ...headers } })

      expect(head?.statusCode).toBe(204)
      expect(text).toBe('')
    },
  )

  it('gives the rest of an execution that has ended, and ends', async () => {
    const door = await streamDoor()
    await door.withExecution(answer(['Hello']).slice(0, 2))
    await door.end()

    const { head, text } = await door.get({ query: { ticket: await door.ticket(), after: '1' } })

    expect(head?.statusCode).toBe(200)
    expect(idsOf(text)).toEqual(['2'])
  })

  it('streams a topic from now on', async () => {
    const door = await streamDoor()
    const ref = { tenant: 'acme', channel: topicChannel('news') }
    await door.streamLog.append(ref, [topicEvent(0, 'old')])
    const { response, done } = door.open({ path: '/streams/topics/news', query: { ticket: await door.ticket() } })

    await readUntil(response, OPENING)
    await door.streamLog.append(ref, [topicEvent(1, 'new')])
    const text = await readUntil(response, '\n\n')

    expect(text).toMatch(/^id: 1\nevent: message\ndata: /)
    response.destroy()
    await done
  })

  it('stops when the caller goes away', async () => {
    const door = await streamDoor()
    await door.withExecution([])
    const { response, done } = door.open({ query: { ticket: await door.ticket() } })
    await readUntil(response, OPENING)

    response.destroy()

    await expect(done).resolves.toBeUndefined()
    expect(door.logger.lines).toEqual([])
  })

  it('ends in order before the time of the function is up', async () => {
    const door = await streamDoor()
    await door.withExecution(answer(['Hel', 'lo']).slice(0, 2))

    const { text } = await door.get({ query: { ticket: await door.ticket() }, ms: 5_100 })

    expect(idsOf(text)).toEqual(['0', '1'])
    expect(blocksOf(text).at(-1)).toEqual({ name: 'reconnect', data: { after: 1 } })
    expect(door.logger.lines).toEqual([])
  })

  it('ends in order with the token', async () => {
    const door = await streamDoor()
    await door.withExecution(answer(['Hel', 'lo']).slice(0, 2))

    const ticket = await door.ticket({ expiresAt: Date.now() + 1_500 })
    const { text } = await door.get({ query: { ticket } })

    expect(blocksOf(text).at(-1)).toEqual({ name: 'reconnect', data: { after: 1 } })
  })

  it('follows nobody for longer than five minutes, since Lambda tells of no caller that is gone', async () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      const abort = new AbortController()
      setTimeout(() => abort.abort(), ms === 300_000 ? 50 : 5_000).unref()
      return abort.signal
    })
    const door = await streamDoor()
    await door.withExecution([])

    const { text } = await door.get({ query: { ticket: await door.ticket() } })
    timeout.mockRestore()

    expect(blocksOf(text)).toEqual([{ name: 'reconnect', data: { after: -1 } }])
  })

  it('gives a sign of life in every long silence', async () => {
    vi.useFakeTimers()
    const door = await streamDoor()
    await door.withExecution([])
    const { response, done } = door.open({ query: { ticket: await door.ticket() } })

    const reading = readUntil(response, ': keep-alive\n\n: keep-alive\n\n')
    await vi.advanceTimersByTimeAsync(31_000)
    vi.useRealTimers()

    expect(await reading).toBe(`${OPENING}: keep-alive\n\n: keep-alive\n\n`)
    response.destroy()
    await done
  })

  it('waits for a slow caller', async () => {
    const door = await streamDoor()
    await door.withExecution(answer(Array.from({ length: 500 }, () => 'x'.repeat(100))))

    const { text } = await door.get({ query: { ticket: await door.ticket() } })

    expect(idsOf(text)).toHaveLength(502)
  })

  it('ends a stream that has begun when the log fails, and logs it', async () => {
    const door = await streamDoor()
    await door.withExecution([])
    door.streamLog.read = () => Promise.reject(new Error('table is gone'))

    const { head, text } = await door.get({ query: { ticket: await door.ticket() } })

    expect(head?.statusCode).toBe(200)
    expect(text).toBe(`${OPENING}event: reconnect\ndata: {"after":-1}\n\n`)
    expect(door.logger.lines).toMatchObject([{ level: 'error', code: 'request_failed', fields: { requestId: 'req-1' } }])
  })

  describe('a ticket', () => {
    it('opens the same stream again, by every path and view of it', async () => {
      const door = await streamDoor()
      await door.withExecution()
      const ticket = await door.ticket()

      for (const request of [
        {},
        { headers: { 'last-event-id': '1' } },
        { path: '/agent-stream/e1' },
        { query: { snapshot: 'true' } },
      ])
        expect((await door.get({ ...request, query: { ...request.query, ticket } })).head?.statusCode).toBe(200)
    })

    it('opens no other stream, and no execution', async () => {
      const door = await streamDoor()
      await door.withExecution()
      const ticket = await door.ticket()
      await door.get({ query: { ticket } })

      for (const path of ['/streams/executions/e2', '/streams/topics/e1', '/streams/events'])
        expect((await door.get({ path, query: { ticket } })).head?.statusCode).toBe(401)
      const { response, done } = door.open({ path: '/streams/executions', method: 'POST', query: { ticket }, body: '{}' })
      response.resume()
      await done
      expect(door.heads.at(-1)?.statusCode).toBe(401)
    })

    it('opens nothing 16 minutes after its last use, nor after the end of the token', async () => {
      const door = await streamDoor()
      await door.withExecution()
      const [idle, short] = [await door.ticket({ expiresAt: Date.now() + 3_600_000 }), await door.ticket()]
      const statusOf = async (ticket: string) => (await door.get({ query: { ticket } })).head?.statusCode

      const first = [await statusOf(idle), await statusOf(short)]
      door.scene.later(60_000)
      const afterToken = [await statusOf(idle), await statusOf(short)]
      door.scene.later(BOUND_TICKET_MS)

      expect([first, afterToken, await statusOf(idle)]).toEqual([[200, 200], [200, 401], 401])
    })

    it('may come by a header, which takes precedence over the address', async () => {
      const door = await streamDoor()
      await door.withExecution()
      const ticket = await door.ticket()

      expect((await door.get({ headers: { 'x-sluice-ticket': ticket }, query: { ticket: 'x' } })).head?.statusCode).toBe(200)
      expect((await door.get({ headers: { 'x-sluice-ticket': 'x' }, query: { ticket } })).head?.statusCode).toBe(401)
    })

    it('is not needed by whoever can send a token', async () => {
      const door = await streamDoor()
      await door.withExecution()

      expect((await door.get({ headers: await door.bearer() })).head?.statusCode).toBe(200)
      expect((await door.get({ headers: await door.bearer({ tenant: 'other' }) })).head?.statusCode).toBe(404)
    })
  })

  describe('the flat view', () => {
    const flat = (text: string) => blocksOf(text).map(({ name, data }) => ({ name, data: data as Record<string, unknown> }))

    it.each([
      ['the printed path', { path: '/agent-stream/e1' }],
      ['a parameter', { query: { view: 'flat' } }],
    ])('gives an execution as unnamed events, by %s', async (_, request: { path?: string; query?: object }) => {
      const door = await streamDoor()
      await door.withExecution(answer(['Hello']).slice(0, 2))
      await door.end()

      const { text } = await door.get({ ...request, query: { ...request.query, ticket: await door.ticket() } })

      expect(idsOf(text)).toEqual(['0', '1', '2'])
      expect(flat(text).map(({ name }) => name)).toEqual([undefined, undefined, undefined])
      expect(flat(text).map(({ data }) => data)).toMatchObject([
        { executionId: 'e1', eventType: 'started', sequence: 0 },
        { eventType: 'content_chunk', content: 'Hello' },
        { eventType: 'completed', final_response: 'Hello' },
      ])
    })

    it('gives a topic with its messages', async () => {
      const door = await streamDoor()
      await door.streamLog.append({ tenant: 'acme', channel: topicChannel('news') }, [topicEvent(0, { bpm: 60 })])
      const { response, done } = door.open({ path: '/stream/topic/news', query: { ticket: await door.ticket(), after: '-1' } })

      const text = await readUntil(response, 'data')
      response.destroy()
      await done

      expect(flat(text)).toMatchObject([
        {
          name: undefined,
          data: { topic: 'news', event_type: 'message', source_service: 'test', data: { bpm: 60 }, sequence: 0 },
        },
      ])
    })

    it('ends like any other', async () => {
      const door = await streamDoor()
      await door.withExecution(answer(['Hel', 'lo']).slice(0, 2))

      const { text } = await door.get({ path: '/agent-stream/e1', query: { ticket: await door.ticket() }, ms: 5_100 })

      expect(blocksOf(text).at(-1)).toEqual({ name: 'reconnect', data: { after: 1 } })
    })
  })

  describe('facts', () => {
    const TIME = '2026-11-21T09:30:00.000Z'

    /** Four facts, the second about another agent. */
    async function withFacts(door: StreamDoor) {
      const facts = ['execution.queued', 'agent.paused', 'execution.started', 'execution.completed'] as const
      for (const [index, type] of facts.entries()) {
        const fact = toldAt(aFact({ id: `f-${index}`, type }), TIME)
        await door.streamLog.appendNext({ tenant: 'acme', channel: ALL_CHANNEL }, [fact])
        if (type !== 'agent.paused')
          await door.streamLog.appendNext({ tenant: 'acme', channel: agentChannel('assistant') }, [fact])
      }
    }

    const typesOf = (text: string) => eventsOf(text).map((event) => event.type === 'lifecycle' && event.data.type)

    async function read(request: { path?: string; query?: Record<string, string> }) {
      const door = await streamDoor()
      await withFacts(door)
      const query = { after: '-1', ...request.query, ticket: await door.ticket() }
      return (await door.get({ path: '/streams/events', ...request, query, ms: 5_100 })).text
    }

    it('are those of the tenant, or of one agent', async () => {
      expect(typesOf(await read({}))).toEqual(['execution.queued', 'agent.paused', 'execution.started', 'execution.completed'])
      expect(typesOf(await read({ query: { agent: 'assistant' } }))).toEqual([
        'execution.queued',
        'execution.started',
        'execution.completed',
      ])
    })

    it('may be of some types alone; the cursor moves on behind the others', async () => {
      const some = await read({ query: { type: 'execution.' } })
      const one = await read({ query: { type: 'agent.paused' } })

      expect(typesOf(some)).toEqual(['execution.queued', 'execution.started', 'execution.completed'])
      expect(typesOf(one)).toEqual(['agent.paused'])
      expect(idsOf(one)).toEqual(['1', '3'])
      expect(one).toContain('\n\nid: 3\n\n')
      expect(blocksOf(one).at(-1)).toEqual({ name: 'reconnect', data: { after: 3 } })
    })

    it('are flat on the printed path', async () => {
      const text = await read({ path: '/stream/events', query: { type: 'agent.' } })

      expect(blocksOf(text)[0]).toMatchObject({ name: undefined, data: { event_type: 'agent.paused', sequence: 1 } })
    })

    it('begin now when no cursor says otherwise', async () => {
      const door = await streamDoor()
      await withFacts(door)
      const { text } = await door.get({ path: '/streams/events', query: { ticket: await door.ticket() }, ms: 5_100 })

      expect(blocksOf(text)).toEqual([{ name: 'reconnect', data: { after: 3 } }])
    })
  })

  it('packs what piled up for whoever asks for a snapshot', async () => {
    const door = await streamDoor()
    const bodies = [
      started(),
      chunk('wrong '),
      retrying(0),
      chunk('Hel'),
      chunk('lo '),
      chunk('there'),
      completed('Hello there', 7),
    ]
    await door.withExecution(executionEvents(bodies))

    const { text } = await door.get({ query: { ticket: await door.ticket(), snapshot: 'true' } })

    expect(eventsOf(text)).toMatchObject([
      { type: 'started', sequence: 0 },
      { type: 'retrying', sequence: 2, from: 1 },
      { type: 'content_chunk', sequence: 5, from: 3, data: { text: 'Hello there' } },
      { type: 'completed', sequence: 6 },
    ])
  })

  describe('refuses', () => {
    it.each([
      ['no ticket', {}, 401, 'unauthorized'],
      ['a ticket that is none', { query: { ticket: 'x'.repeat(43) } }, 401, 'unauthorized'],
      ['another path', { path: '/streams/agents/a1' }, 404, 'not_found'],
      ['a path below', { path: '/streams/executions/e1/x' }, 404, 'not_found'],
      ['an id that is none', { path: '/streams/executions/e%201' }, 404, 'not_found'],
      ['another method', { method: 'POST' }, 405, 'method_not_allowed'],
      ['a path where executions are run', { path: '/streams/executions' }, 405, 'method_not_allowed'],
      ['a view that is none', { query: { view: 'round' } }, 422, 'validation_error'],
      ['a type that is none', { path: '/streams/events', query: { type: 'weather.' } }, 422, 'validation_error'],
      ['an agent that is none', { path: '/streams/events', query: { agent: 'a b' } }, 404, 'not_found'],
      ['a token that is none', { headers: { 'x-sluice-authorization': 'Bearer x' } }, 401, 'unauthorized'],
      ['a header that is no token', { headers: { 'x-sluice-authorization': 'x' } }, 401, 'unauthorized'],
      ['a cursor that is none', { query: { after: 'x' } }, 422, 'validation_error'],
      ['a cursor below -1', { headers: { 'last-event-id': '-2' } }, 422, 'validation_error'],
    ])('%s', async (_, request, status, code) => {
      const door = await streamDoor()
      await door.withExecution()

      const { head, text } = await door.get(request)

      expect(head).toMatchObject({ statusCode: status, headers: { 'content-type': 'application/problem+json' } })
      expect(JSON.parse(text)).toMatchObject({
        status,
        code,
        requestId: 'req-1',
        instance: expect.stringMatching(/^\/streams\//),
      })
      expect(door.logger.lines).toMatchObject([{ level: 'info', code: 'request_refused' }])
    })

    it.each([
      ['executions', '/streams/executions/e1', ['topics:read']],
      ['topics', '/streams/topics/news', ['executions:read']],
      ['printed topics', '/stream/topic/news', ['executions:read']],
      ['printed executions', '/agent-stream/e1', ['topics:read']],
      ['facts', '/streams/events', ['executions:read', 'topics:read']],
      ['facts about agents', '/stream/events', ['agents:read']],
    ] as const)('%s without their scope', async (_, path, scopes) => {
      const door = await streamDoor()
      await door.withExecution()

      expect((await door.get({ path, query: { ticket: await door.ticket({ scopes }) } })).head?.statusCode).toBe(403)
    })

    it('what belongs to another tenant as if it did not exist', async () => {
      const door = await streamDoor()
      await door.withExecution()

      const foreign = await door.get({ query: { ticket: await door.ticket({ tenant: 'other' }) } })
      const missing = await door.get({ path: '/streams/executions/e2', query: { ticket: await door.ticket() } })

      expect(foreign.head?.statusCode).toBe(404)
      expect(missing.head?.statusCode).toBe(404)
      expect(foreign.text.replaceAll('e1', 'e2')).toBe(missing.text)
    })

    it('everything when a store fails, without a word about why', async () => {
      const door = await streamDoor()
      door.tickets.bind = () => Promise.reject(new Error('table sluice-streams is gone'))

      const { head, text } = await door.get({ query: { ticket: 'x'.repeat(43) } })

      expect(head?.statusCode).toBe(500)
      expect(text).not.toContain('sluice-streams')
      expect(door.logger.lines).toMatchObject([{ level: 'error', code: 'request_failed' }])
    })
  })
})
