import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { decideApproval } from '#shared/executions/decide-approval.ts'
import { messageText } from '#shared/llm/message-text.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { StreamText } from '#shared/streams/stream-text.ts'
import { aFunctionAgent, anAgent } from '../../../helpers/executions.ts'
import { blocksOf, eventsOf, readUntil, type StreamDoorRequest, streamDoor } from '../../../helpers/stream-door.ts'
import { expectWholeAnswer, expectWholeStream } from '../../../helpers/stream-proof.ts'
import { byCode, byModel, failing, providerError, say, waiting, words } from '../../../helpers/worker.ts'

const BODY = { agentId: 'assistant', input: { content: 'What is a sluice?' } }

/** What stands in the notice of acceptance, which comes first. */
function acceptedIn(text: string): { executionId: string; status: string; links: Record<string, string> } {
  const [first] = blocksOf(text)
  if (first?.name !== 'accepted') throw new Error(`the answer begins with ${first?.name}`)
  return first.data as ReturnType<typeof acceptedIn>
}

/** Every text that a client shows, one after the other, as the protocol asks it to. */
function shownIn(text: string): string[] {
  const events: StreamEvent[] = []
  let preview = ''
  return blocksOf(text).flatMap(({ name, data }) => {
    if (name === 'preview') preview += (data as { text: string }).text
    else if (name !== 'accepted' && name !== 'reconnect') {
      events.push(data as StreamEvent)
      preview = ''
    }
    const kept = new StreamText()
    for (const event of events) kept.apply(event)
    return kept.text + preview
  })
}

type Door = Awaited<ReturnType<typeof streamDoor>>

async function answerOf(door: Door, body: unknown = BODY, request: StreamDoorRequest = {}) {
  const { response, done } = await door.run(body, request)
  const text = (await response.setEncoding('utf8').toArray()).join('')
  await done
  return { head: door.heads.at(-1), text }
}

const recordOf = (door: Door, executionId: string) => door.scene.executions.get({ tenant: 'acme', executionId })

describe('POST /streams/executions', () => {
  it('runs the execution and answers with its events: no queue, no posts', async () => {
    const door = await streamDoor()

    const { head, text } = await answerOf(door)

    const { executionId, status, links } = acceptedIn(text)
    expect(head).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
    expect(status).toBe('queued')
    expect(links.stream).toBe(`/streams/executions/${executionId}`)
    expect(expectWholeAnswer(eventsOf(text))).toBe('A gate for water.')
    expect(await recordOf(door, executionId)).toMatchObject({
      status: 'completed',
      output: { text: 'A gate for water.' },
      source: '/principals/ann',
    })
    expect(eventsOf(text)).toEqual(await door.streamLog.read({ tenant: 'acme', channel: `execution:${executionId}` }, -1))
    expect(door.scene.sent).toEqual([])
  })

  it('shows text before the log has it, and nothing is ever taken back', async () => {
    const answerer = byCode(async (request) => {
      for (const text of ['A ', 'sluice ', 'is ', 'a ', 'gate.']) {
        say(request, text)
        await setImmediate()
      }
    })
    const door = await streamDoor({ answerer })

    const { text } = await answerOf(door)

    const names = blocksOf(text).map(({ name }) => name)
    const shown = shownIn(text)
    expect(names[0]).toBe('accepted')
    expect(names.indexOf('preview')).toBeGreaterThan(0)
    expect(text).not.toMatch(/id: .*\nevent: (preview|accepted)/)
    for (const [index, now] of shown.entries()) expect(now.startsWith(shown[index - 1] ?? '')).toBe(true)
    expect(shown.at(-1)).toBe('A sluice is a gate.')
  })

  it('tells a failure by the terminal event', async () => {
    const door = await streamDoor({ answerer: byModel(failing(providerError('content_filter'), 9)) })

    const { head, text } = await answerOf(door)

    expect(head?.statusCode).toBe(200)
    expectWholeStream(eventsOf(text))
    expect(eventsOf(text).at(-1)).toMatchObject({ type: 'failed', data: { code: 'content_filter' } })
  })

  it('tries again as any execution does', async () => {
    const door = await streamDoor({
      agent: anAgent({ retry: { maxAttempts: 2, backoffSeconds: 0 } }),
      answerer: byModel(failing(providerError('provider_error'), 1)),
    })

    const { text } = await answerOf(door)

    expect(eventsOf(text).map(({ type }) => type)).toContain('retrying')
    expect(expectWholeAnswer(eventsOf(text))).toBe('half of answer 2 A gate for water.')
  })

  it('is cancelled like any other', async () => {
    const model = waiting('half a word')
    const door = await streamDoor({ answerer: byModel(model) })
    const { response, done } = await door.run()
    const text = await readUntil(response, 'half a word')
    const { executionId } = acceptedIn(text)
    const record = await recordOf(door, executionId)

    if (record) await door.scene.cancel(record)
    const rest = (await response.toArray()).join('')
    await done

    expect(model.aborted()).toBe(true)
    expect(eventsOf(text + rest).at(-1)).toMatchObject({ type: 'cancelled' })
  })

  it('goes on elsewhere, in the same answer, when it waits for a person', async () => {
    const answerer = byCode(async (request) => {
      if (request.checkpoints.state === undefined) say(request, 'May I? ')
      const call = { callId: 'c1', toolName: 'pay', arguments: {}, timeoutSeconds: 3_600 }
      const [asked] = await request.approvals.ask([call])
      if (asked?.status === 'pending')
        await request.checkpoints.suspend('asked', { for: 'input', until: Date.parse(asked.expiresAt) })
      say(request, String(asked?.status))
    })
    const door = await streamDoor({ answerer })
    const { scene } = door
    const { response, done } = await door.run()
    const text = await readUntil(response, 'May I?')
    const record = await recordOf(door, acceptedIn(text).executionId)
    if (!record) throw new Error('it was accepted')
    await expect.poll(async () => (await scene.stored(record)).status).toBe('waiting_input')

    const { approvals } = await (await scene.approvals()).list({ tenant: record.tenant }, { limit: 1 })
    await decideApproval(
      scene.dependencies,
      { tenant: record.tenant, subject: 'ada', scopes: [] },
      approvals[0]?.approvalId ?? '',
      {
        decision: 'approve',
      },
    )
    await scene.work(answerer, scene.lastSent().item)
    const rest = (await response.toArray()).join('')
    await done

    const events = eventsOf(text + rest)
    expect(events.map(({ type }) => type)).not.toContain('retrying')
    expect(expectWholeAnswer(events)).toBe('May I? approved')
  })

  it('runs to its end when the caller goes away', async () => {
    const go = Promise.withResolvers<void>()
    const answerer = byCode(async (request) => {
      say(request, 'to the ')
      await go.promise
      say(request, 'end')
    })
    const door = await streamDoor({ answerer })
    const { response, done } = await door.run()
    const { executionId } = acceptedIn(await readUntil(response, 'to the'))

    response.destroy()
    await setImmediate()
    go.resolve()
    await done

    expect(await recordOf(door, executionId)).toMatchObject({ status: 'completed', output: { text: 'to the end' } })
    const { text } = await door.get({ path: `/streams/executions/${executionId}`, headers: await door.bearer() })
    expect(expectWholeAnswer(eventsOf(text))).toBe('to the end')
  })

  it('never waits for a slow caller, who gets everything all the same', async () => {
    const spoken = 2_000
    const answerer = byCode(async (request) => {
      for (let index = 0; index < spoken; index++) {
        say(request, `word ${index} `)
        if (index % 20 === 0) await request.writer.flushed()
      }
    })
    const door = await streamDoor({ answerer })
    const { response, done } = await door.run(BODY, { highWaterMark: 64 })
    const text = await readUntil(response, 'accepted')
    const { executionId } = acceptedIn(`${text}\n\n`)

    // Nobody reads, and the run ends.
    await expect.poll(async () => (await recordOf(door, executionId))?.status).toBe('completed')
    expect(response.writableLength + response.readableLength).toBeLessThan(100_000)
    const rest = (await response.toArray()).join('')
    await done

    const events = eventsOf(text + rest)
    expect(expectWholeAnswer(events)).toBe(Array.from({ length: spoken }, (_, index) => `word ${index} `).join(''))
  })

  it('tells the caller to come back when the invocation or the token is about to end, and runs on', async () => {
    const go = Promise.withResolvers<void>()
    const answerer = byCode(async (request) => {
      say(request, 'half')
      await request.writer.flushed()
      await go.promise
    })
    const door = await streamDoor({ answerer })

    const { response, done } = await door.run(BODY, {
      headers: { 'x-sluice-ticket': await door.ticket({ expiresAt: Date.now() + 3_000 }) },
    })
    const text = (await response.setEncoding('utf8').toArray()).join('')
    go.resolve()
    await done

    expect(blocksOf(text).at(-1)).toEqual({ name: 'reconnect', data: { after: 1 } })
    expect(await recordOf(door, acceptedIn(text).executionId)).toMatchObject({ status: 'completed' })
  })

  describe('goes on as a tail', () => {
    it('when no slot is free: the queue runs it', async () => {
      const door = await streamDoor({ agent: anAgent({ maxConcurrency: 1 }) })
      const first = await door.scene.submit()
      const { response, done } = await door.run()
      const text = await readUntil(response, 'accepted')

      await door.scene.work(byModel(words), first)
      await door.scene.work(byModel(words), door.scene.lastSent().item)
      const rest = (await response.toArray()).join('')
      await done

      expect(expectWholeAnswer(eventsOf(text + rest))).toBe('A gate for water.')
    })

    it('when the agent is code: its own function runs it', async () => {
      const door = await streamDoor({ agent: aFunctionAgent() })
      const { response, done } = await door.run({ agentId: 'triage', input: 1 })
      const text = await readUntil(response, 'accepted')

      await door.scene.work(
        byCode(async (request) => say(request, 'by code')),
        door.scene.lastSent().item,
      )
      const rest = (await response.toArray()).join('')
      await done

      expect(expectWholeAnswer(eventsOf(text + rest))).toBe('by code')
    })

    it('when the invocation has no time for the next attempt: the queue makes it, without a seam', async () => {
      const model = byModel(failing(providerError('rate_limit', 30), 1))
      const door = await streamDoor({ agent: anAgent({ retry: { maxAttempts: 3, backoffSeconds: 0 } }), answerer: model })
      const { response, done } = await door.run()
      const text = await readUntil(response, 'retrying')

      door.scene.later(31_000)
      await expect.poll(() => door.scene.sent.length).toBeGreaterThan(0)
      await door.scene.work(model, door.scene.lastSent().item)
      const rest = (await response.toArray()).join('')
      await done

      expect(expectWholeAnswer(eventsOf(text + rest))).toBe('half of answer 2 A gate for water.')
    })

    it('when somebody else has the request under its key', async () => {
      const door = await streamDoor()
      const headers = { 'idempotency-key': 'k1' }

      const first = await answerOf(door, BODY, { headers })
      const again = await answerOf(door, BODY, { headers })

      expect(acceptedIn(again.text)).toMatchObject({ executionId: acceptedIn(first.text).executionId, status: 'completed' })
      expect(eventsOf(again.text)).toEqual(eventsOf(first.text))
    })

    it('when the run breaks: the queue takes it over', async () => {
      const door = await streamDoor()
      const acquire = door.scene.executions.acquire
      let broken = true
      door.scene.executions.acquire = (...parameters) => {
        if (!broken) return acquire(...parameters)
        broken = false
        return Promise.reject(new Error('table is gone'))
      }
      const { response, done } = await door.run()
      const text = await readUntil(response, 'accepted')

      await expect.poll(() => door.scene.sent.length).toBe(1)
      await door.scene.work(byModel(words), door.scene.lastSent().item)
      const rest = (await response.toArray()).join('')
      await done

      expect(expectWholeAnswer(eventsOf(text + rest))).toBe('A gate for water.')
    })
  })

  it('may be flat, and previews have a name there as well', async () => {
    const door = await streamDoor()

    const { text } = await answerOf(door, BODY, { query: { view: 'flat' } })

    const unnamed = blocksOf(text).filter(({ name }) => name === undefined)
    expect(unnamed.at(-1)?.data).toMatchObject({ eventType: 'completed', final_response: 'A gate for water.' })
  })

  it('takes a body in base64, and one that is too large to travel', async () => {
    const door = await streamDoor()
    const content = 'x'.repeat(MAX_MESSAGE_BYTES)
    const large = JSON.stringify({ ...BODY, input: { content } })
    let asked = ''
    const reading = await streamDoor({
      answerer: byModel(async function* (request) {
        asked = request.messages.map(messageText).at(-1) ?? ''
        yield { type: 'text', text: 'ok' }
        yield { type: 'stop', reason: 'end' }
      }),
    })

    const base64 = await answerOf(door, BODY, {
      body: Buffer.from(JSON.stringify(BODY)).toString('base64'),
      isBase64Encoded: true,
    })
    const byReference = await answerOf(reading, BODY, { body: large })

    expect(expectWholeAnswer(eventsOf(base64.text))).toBe('A gate for water.')
    expect(expectWholeAnswer(eventsOf(byReference.text))).toBe('ok')
    expect(asked).toHaveLength(content.length)
  })

  it('lets a ticket in once', async () => {
    const door = await streamDoor()
    const headers = { 'x-sluice-ticket': await door.ticket() }

    const statuses = [(await answerOf(door, BODY, { headers })).head, (await answerOf(door, BODY, { headers })).head]

    expect(statuses.map((head) => head?.statusCode)).toEqual([200, 401])
  })

  describe('refuses', () => {
    it.each<[string, unknown, StreamDoorRequest, number, string]>([
      ['a body that is no JSON', BODY, { body: '{' }, 422, 'validation_error'],
      ['a body without an agent', {}, {}, 422, 'validation_error'],
      ['fields that it does not know', { ...BODY, tenant: 'other' }, {}, 422, 'validation_error'],
      ['an input that no model can answer', { ...BODY, input: 7 }, {}, 422, 'validation_error'],
      ['an agent that does not exist', { ...BODY, agentId: 'nobody' }, {}, 404, 'not_found'],
      ['a callback to an address that is not public', { ...BODY, callbackUrl: 'http://localhost/' }, {}, 422, 'validation_error'],
      ['a callback with a password', { ...BODY, callbackUrl: 'https://a:b@example.com/' }, {}, 422, 'validation_error'],
      ['a key that is too long', BODY, { headers: { 'idempotency-key': 'k'.repeat(257) } }, 422, 'validation_error'],
      ['a key that is no ASCII', BODY, { headers: { 'idempotency-key': 'clé' } }, 422, 'validation_error'],
      ['a token that is none', BODY, { headers: { 'x-sluice-authorization': 'Bearer x' } }, 401, 'unauthorized'],
      ['another method', BODY, { method: 'PUT' }, 405, 'method_not_allowed'],
      ['a body that is too large', { ...BODY, input: { content: 'x'.repeat(5 * 1024 * 1024) } }, {}, 413, 'payload_too_large'],
    ])('%s', async (_, body, request, status, code) => {
      const door = await streamDoor()

      const { head, text } = await answerOf(door, body, request)

      expect(head).toMatchObject({ statusCode: status, headers: { 'content-type': 'application/problem+json' } })
      expect(JSON.parse(text)).toMatchObject({ status, code, requestId: 'req-1' })
      expect(
        (await door.scene.executions.list({ tenant: 'acme', of: { agentId: 'assistant' } }, { limit: 1 })).executions,
      ).toEqual([])
    })

    it.each([[['executions:write']], [['executions:read']]] as const)('whoever has %j alone', async (scopes) => {
      const door = await streamDoor()

      expect((await answerOf(door, BODY, { headers: await door.bearer({ scopes }) })).head?.statusCode).toBe(403)
    })

    it('the agent of another tenant as if it did not exist', async () => {
      const door = await streamDoor()

      expect((await answerOf(door, BODY, { headers: await door.bearer({ tenant: 'other' }) })).head?.statusCode).toBe(404)
    })

    it('a request that would have to wait in a queue that is full', async () => {
      const door = await streamDoor({ agent: anAgent({ maxConcurrency: 1, maxQueue: 0 }) })
      await door.scene.submit()

      const { head } = await answerOf(door)

      expect(head).toMatchObject({ statusCode: 429, headers: { 'retry-after': '1' } })
    })

    it('another request under a known key', async () => {
      const door = await streamDoor()
      const headers = { 'idempotency-key': 'k1' }
      await answerOf(door, BODY, { headers })

      expect((await answerOf(door, { ...BODY, priority: 9 }, { headers })).head?.statusCode).toBe(409)
    })
  })
})
