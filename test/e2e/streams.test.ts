import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { newId } from '#shared/platform/ids.ts'
import { type EventPage, eventPageSchema, executionAcceptedSchema } from '#shared/protocol/execution.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { deployedCloud } from '../helpers/deployed-cloud.ts'
import { type EventStreamRequest, openEventStream } from '../helpers/event-stream.ts'
import { openSocket, ticketOffer } from '../helpers/raw-socket.ts'
import { expectWholeAnswer, expectWholeStream } from '../helpers/stream-proof.ts'

/** About five seconds: long enough to be cut in the middle, also when a function that follows it has to start first. */
const SLOW = '[[tokens=120 rate=25 utf8=1]] What is a sluice?'

describe('server-sent events', () => {
  const cloud = deployedCloud()

  const follow = async (executionId: string, request: Partial<EventStreamRequest> = {}) =>
    openEventStream(cloud.frontDoorUrl, {
      path: `/streams/executions/${executionId}`,
      ticket: await cloud.ticket(),
      ...request,
    })

  const ask = async (body: unknown) =>
    openEventStream(cloud.frontDoorUrl, {
      path: '/streams/executions',
      headers: { 'x-sluice-authorization': `Bearer ${await cloud.token()}`, 'content-type': 'application/json' },
      body,
    })

  async function page(executionId: string, query: string): Promise<EventPage> {
    const { body } = await cloud.call('GET', `/v1/executions/${executionId}/events?${query}`)
    return eventPageSchema.parse(body)
  }

  it('carry an answer as it is made, and end with it', async () => {
    const executionId = await cloud.ask('assistant', SLOW)

    const stream = await follow(executionId)
    const times: number[] = []
    const events: StreamEvent[] = []
    for await (const event of stream.events()) {
      times.push(Date.now())
      events.push(event)
    }

    expect(stream.status).toBe(200)
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(stream.headers.get('cache-control')).toContain('no-transform')
    const text = expectWholeAnswer(events)
    expect(events[0]).toMatchObject({ type: 'started', executionId, attempt: 1 })
    // As it is made: the last event comes much later than the first text.
    expect((times.at(-1) ?? 0) - (times[2] ?? 0)).toBeGreaterThan(500)
    const { body } = await cloud.call('GET', `/v1/executions/${executionId}`)
    expect(body).toMatchObject({ status: 'completed', output: { text } })
  })

  it('go on behind Last-Event-ID after a cut in mid-answer, whatever "after" says', async () => {
    const executionId = await cloud.ask('assistant', SLOW)
    const first = await follow(executionId)
    const seen: StreamEvent[] = []
    for await (const event of first.events()) {
      seen.push(event)
      if (seen.length === 4) break
    }
    first.cut()

    const second = await follow(executionId, { lastEventId: seen.at(-1)?.sequence ?? -1, after: 0 })
    const rest = await second.all()

    expect(seen.some(isTerminalEvent)).toBe(false)
    expectWholeAnswer([...seen, ...rest])
  })

  it('replay what has ended from any cursor, and end', async () => {
    const executionId = await cloud.ask('assistant', 'Say hello in one sentence.')
    const whole = await (await follow(executionId)).all()

    const again = await (await follow(executionId)).all()
    const rest = await (await follow(executionId, { after: 1 })).all()
    const nothing = await follow(executionId, { after: whole.length - 1 })

    expect(nothing.status).toBe(204)
    expect(again).toEqual(whole)
    expect(rest).toEqual(whole.slice(2))
    expect(await nothing.all()).toEqual([])
    expect((await page(executionId, 'after=-1')).events).toEqual(whole)
  })

  it('share one cursor with the socket and with HTTP', async () => {
    const socket = await openSocket(cloud.frontDoorUrl, ticketOffer(await cloud.ticket()))
    socket.send({ message_type: 'agent_request', payload: { agentId: 'assistant', input: { content: SLOW } } })
    const { executionId } = (await socket.next('agent_request_accepted')).payload
    const { subscription } = (await socket.next('subscription_confirmed')).payload
    await socket.untilEvent(subscription, (event) => event.sequence >= 2)
    socket.cut()
    const bySocket = socket.eventsOf(subscription)

    const bySse: StreamEvent[] = []
    const stream = await follow(executionId, { after: bySocket.at(-1)?.sequence ?? -1 })
    for await (const event of stream.events()) {
      bySse.push(event)
      if (bySse.length === 3) break
    }
    stream.cut()
    await (await follow(executionId)).all()

    const byHttp: StreamEvent[] = []
    for (let after = bySse.at(-1)?.sequence ?? -1, complete = false; !complete; ) {
      const next = await page(executionId, `after=${after}&limit=7`)
      byHttp.push(...next.events)
      ;({ next: after, complete } = next)
    }

    expect([bySocket, bySse, byHttp].map((events) => events.length > 0)).toEqual([true, true, true])
    expectWholeAnswer([...bySocket, ...bySse, ...byHttp])
  })

  it('run an execution within their answer, text first, and are resumed by the same cursor after a cut', async () => {
    const direct = () => ask({ agentId: 'assistant', input: { content: SLOW } })
    const whole = await direct()
    const events = await whole.all()
    const broken = await direct()
    const seen: StreamEvent[] = []
    for await (const event of broken.events()) {
      seen.push(event)
      if (seen.length === 3) break
    }
    broken.cut()

    const [{ name, data } = { name: '', data: undefined }, ...previews] = whole.notices
    const text = expectWholeAnswer(events)
    expect([name, whole.status]).toEqual(['accepted', 200])
    expect(data).toMatchObject({ executionId: expect.any(String), status: 'queued' })
    expect(previews.length).toBeGreaterThan(10)
    expect(text.startsWith(z.object({ text: z.string() }).parse(previews[0]?.data).text)).toBe(true)

    const { executionId } = executionAcceptedSchema.parse(broken.notices[0]?.data)
    const rest = await (await follow(executionId, { lastEventId: seen.at(-1)?.sequence ?? -1 })).all()
    expectWholeAnswer([...seen, ...rest])
  })

  it('are chunks of a chat completion to the library of OpenAI, and events of its execution to ours', async () => {
    const openAi = new OpenAI({ baseURL: `${cloud.frontDoorUrl}/openai/v1`, apiKey: await cloud.token() })

    const models = await openAi.models.list()
    const messages = [{ role: 'user' as const, content: SLOW }]
    const stream = await openAi.chat.completions.create({ model: 'assistant', messages, stream: true })
    const chunks: OpenAI.ChatCompletionChunk[] = []
    for await (const chunk of stream) chunks.push(chunk)
    const whole = await openAi.chat.completions.create({
      model: 'assistant',
      messages: [{ role: 'user', content: 'Say hello in one sentence.' }],
    })

    expect(models.data.map(({ id }) => id)).toContain('assistant')
    expect(chunks.length).toBeGreaterThan(10)
    const events = await (await follow(chunks[0]?.id.replace('chatcmpl-', '') ?? '')).all()
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(expectWholeAnswer(events))
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: expect.stringMatching(/./) } })
    await expect(openAi.chat.completions.create({ model: 'nobody', messages })).rejects.toMatchObject({ status: 404 })
  })

  it('follow an agent in code, which runs elsewhere, in the answer to its request', async () => {
    const stream = await ask({ agentId: 'echo', input: { content: 'over there' } })

    expectWholeStream(await stream.all())
  })

  it('are flat and without names where an EventSource expects them so, and open again with the same ticket', async () => {
    const executionId = await cloud.ask('assistant', 'Say hello in one sentence.')
    const ticket = await cloud.ticket()
    const whole = await (await follow(executionId, { ticket })).all()
    const flat = await follow(executionId, { path: `/agent-stream/${executionId}`, ticket })
    await flat.all()
    const other = await follow(executionId, { path: '/stream/events', ticket })

    expect(flat.notices.map(({ data }) => data)).toMatchObject(whole.map(({ sequence, type }) => ({ sequence, eventType: type })))
    expect(flat.notices.at(-1)?.data).toMatchObject({ final_response: expect.any(String) })
    expect(other.status).toBe(401)
  })

  it('tell the facts of the tenant', async () => {
    const stream = await openEventStream(cloud.frontDoorUrl, {
      path: '/streams/events',
      ticket: await cloud.ticket(),
      query: { type: 'execution.' },
    })
    const executionId = await cloud.ask('assistant', 'Say hello in one sentence.')

    for await (const event of stream.events()) {
      if (event.type === 'lifecycle' && event.data.type === 'execution.completed' && event.data.data.executionId === executionId)
        break
    }
    stream.cut()
  })

  it.each<[string, Partial<EventStreamRequest>, number, string]>([
    ['a ticket that is none', { ticket: 'x'.repeat(43) }, 401, 'unauthorized'],
    ['an empty ticket', { ticket: '' }, 401, 'unauthorized'],
    ['an execution that does not exist', {}, 404, 'not_found'],
    ['a path that does not exist', { path: '/streams/agents/assistant' }, 404, 'not_found'],
    ['a cursor that is none', { after: 'first' }, 422, 'validation_error'],
    ['a Last-Event-ID that is none', { lastEventId: 'x' }, 422, 'validation_error'],
  ])('refuse %s with a problem', async (_what, request, status, code) => {
    const stream = await follow(newId(), request)

    expect(stream.status).toBe(status)
    expect(stream.headers.get('content-type')).toBe('application/problem+json')
    expect(await stream.problem()).toMatchObject({ status, code, detail: expect.any(String), requestId: expect.any(String) })
  })
})
