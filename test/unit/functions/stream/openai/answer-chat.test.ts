import { setImmediate } from 'node:timers/promises'
import OpenAI from 'openai'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { decideApproval } from '#shared/executions/decide-approval.ts'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import type { LlmScript } from '#shared/llm/memory-llm-providers.ts'
import { attachmentsIn } from '#shared/messaging/attachments.ts'
import { anAgent } from '../../../../helpers/executions.ts'
import { type OpenAiDoor, openAiDoor } from '../../../../helpers/openai-door.ts'
import { eventsOf, FUNCTION_ARN, readUntil, streamDoor } from '../../../../helpers/stream-door.ts'
import { expectWholeAnswer } from '../../../../helpers/stream-proof.ts'
import { byCode, byModel, failing, providerError, say, waiting, words } from '../../../../helpers/worker.ts'

const QUESTION = { model: 'assistant', messages: [{ role: 'user' as const, content: 'What is a sluice?' }] }
const STREAMED = { ...QUESTION, stream: true as const }
const RETRIED = { maxAttempts: 2, backoffSeconds: 0 }

const doors: OpenAiDoor[] = []
async function open(options: Parameters<typeof openAiDoor>[0] = {}): Promise<OpenAiDoor> {
  const door = await openAiDoor(options)
  doors.push(door)
  return door
}
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.close()))
})

/** A model that says what it was asked. */
function listening(): { script: LlmScript; asked: LlmRequest[] } {
  const asked: LlmRequest[] = []
  return {
    asked,
    script(request, call, signal) {
      asked.push(request)
      return words(request, call, signal)
    },
  }
}

/** The error that a call ends with. */
async function errorOf(call: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await call
  } catch (error) {
    if (error instanceof OpenAI.APIError) return error
    throw error
  }
  throw new Error('it was answered')
}

const executionOf = (id: string): string => id.replace('chatcmpl-', '')
const stored = (door: OpenAiDoor, id: string) => door.scene.executions.get({ tenant: 'acme', executionId: executionOf(id) })

/** The texts that came, and the error behind them, where there is one. */
async function heard(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  const texts: string[] = []
  let id = ''
  try {
    for await (const chunk of chunks) {
      id = chunk.id
      texts.push(chunk.choices[0]?.delta.content ?? '')
    }
  } catch (error) {
    if (error instanceof OpenAI.APIError) return { id, text: texts.join(''), error }
    throw error
  }
  return { id, text: texts.join('') }
}

describe('POST /openai/v1/chat/completions', () => {
  it("answers OpenAI's library by an execution, as a whole", async () => {
    const door = await open()
    const client = await door.client()

    const { data, response } = await client.chat.completions.create(QUESTION).withResponse()

    expect(data).toMatchObject({
      object: 'chat.completion',
      model: 'assistant',
      choices: [{ index: 0, message: { role: 'assistant', content: 'A gate for water.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 },
    })
    expect(response.headers.get('x-sluice-execution-id')).toBe(executionOf(data.id))
    expect(await stored(door, data.id)).toMatchObject({
      status: 'completed',
      output: { text: 'A gate for water.' },
      source: '/principals/ann',
    })
    expect(door.auditLog.written).toMatchObject([{ record: { action: 'runExecution', outcome: 'accepted', subject: 'ann' } }])
  })

  it('and streams it, with its tokens where they are asked for', async () => {
    const door = await open()
    const client = await door.client()

    const stream = await client.chat.completions.create({ ...STREAMED, stream_options: { include_usage: true } })
    const chunks: OpenAI.ChatCompletionChunk[] = []
    for await (const chunk of stream) chunks.push(chunk)

    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('A gate for water.')
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['stop'])
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 9 } })
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
  })

  it('tells no tokens to whoever has not asked, and ends with [DONE]', async () => {
    const door = await open()

    const response = await door.post(JSON.stringify(STREAMED))
    const text = await response.text()

    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(text).not.toContain('usage')
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('tells the agent what was said before, and how its model is to answer', async () => {
    const model = listening()
    const door = await open({ answerer: byModel(model.script), agent: anAgent({ prompts: { system: 'Be kind.' } }) })
    const client = await door.client()

    await client.chat.completions.create({
      model: 'assistant',
      temperature: 0.1,
      max_tokens: 20,
      messages: [
        { role: 'system', content: 'Be rude.' },
        { role: 'user', content: 'What is a lock?' },
        { role: 'assistant', content: 'A chamber.' },
        { role: 'user', content: 'And a sluice?' },
      ],
    })

    expect(model.asked).toMatchObject([{ temperature: 0.1, maxTokens: 20 }])
    expect(model.asked[0]?.messages).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Be rude.\n\nWhat is a lock?' },
      { role: 'assistant', content: 'A chamber.' },
      { role: 'user', content: 'And a sluice?' },
    ])
  })

  it('keeps images as those of any question', async () => {
    const door = await open()
    const client = await door.client()
    const bytes = Buffer.from('\x89PNG\r\n\x1a\n and more', 'latin1')
    const url = `data:image/png;base64,${bytes.toString('base64')}`
    const content = [
      { type: 'text' as const, text: 'What is it?' },
      { type: 'image_url' as const, image_url: { url } },
    ]

    const { id } = await client.chat.completions.create({ ...QUESTION, messages: [{ role: 'user', content }] })
    const disguised = { ...content[1], image_url: { url: url.replace('png', 'gif') } }
    const refused = await door.post(
      JSON.stringify({ ...QUESTION, messages: [{ role: 'user', content: [content[0], disguised] }] }),
    )

    const { attachments = [] } = ((await stored(door, id))?.input ?? {}) as { attachments?: string[] }
    const image = await attachmentsIn(door.artifacts).get({ tenant: 'acme', source: '/principals/ann' }, attachments[0] ?? '')
    expect(image).toEqual({ mediaType: 'image/png', data: bytes })
    expect(refused.status).toBe(400)
  })

  it('answers again what has a known key, and nothing else under it', async () => {
    const door = await open()
    const client = await door.client()
    const keyed = { headers: { 'Idempotency-Key': 'k1' } }

    const first = await client.chat.completions.create(QUESTION, keyed)
    const again = await client.chat.completions.create(QUESTION, keyed)
    const other = await errorOf(client.chat.completions.create({ ...QUESTION, temperature: 1 }, keyed))

    expect(again).toEqual(first)
    expect([other.status, other.code]).toEqual([409, 'conflict'])
  })

  it('follows what waits for a person, and goes on when it is decided', async () => {
    const answerer = byCode(async (request) => {
      if (request.checkpoints.state === undefined) say(request, 'May I? ')
      const [asked] = await request.approvals.ask([{ callId: 'c1', toolName: 'pay', arguments: {}, timeoutSeconds: 3_600 }])
      if (asked?.status === 'pending')
        await request.checkpoints.suspend('asked', { for: 'input', until: Date.parse(asked.expiresAt) })
      say(request, String(asked?.status))
    })
    const door = await open({ answerer })
    const { scene } = door
    const client = await door.client()
    const stream = await client.chat.completions.create(STREAMED)
    const chunks = stream[Symbol.asyncIterator]()
    const { value: first } = await chunks.next()
    const record = await stored(door, first?.id ?? '')
    if (!record) throw new Error('it was accepted')
    await expect.poll(async () => (await scene.stored(record)).status, { timeout: 30_000 }).toBe('waiting_input')

    const { approvals } = await (await scene.approvals()).list({ tenant: 'acme' }, { limit: 1 })
    const ada = { tenant: 'acme', subject: 'ada', scopes: [] }
    await decideApproval(scene.dependencies, ada, approvals[0]?.approvalId ?? '', { decision: 'approve' })
    await scene.work(answerer, scene.lastSent().item)
    const texts: string[] = []
    for (let next = await chunks.next(); !next.done; next = await chunks.next())
      texts.push(next.value.choices[0]?.delta.content ?? '')

    expect(texts.join('')).toBe('May I? approved')
  })

  it('says what it waits for when it cannot wait any longer', async () => {
    const answerer = byCode(async (request) => {
      const [asked] = await request.approvals.ask([{ callId: 'c1', toolName: 'pay', arguments: {}, timeoutSeconds: 3_600 }])
      if (!asked) throw new Error('it was asked')
      const { approvalId, expiresAt } = asked
      const call = { callId: 'c1', toolName: 'pay', arguments: {}, approval: { approvalId, expiresAt } }
      await request.writer.emit({ type: 'tool_call', data: call })
      await request.checkpoints.suspend('asked', { for: 'input', until: Date.parse(expiresAt) })
    })
    const door = await open({ answerer })
    const soonOver = { expiresAt: Date.now() + 3_000 }
    const [whole, streamed] = [await door.client(soonOver), await door.client(soonOver)]

    const errors = await Promise.all([
      errorOf(whole.chat.completions.create(QUESTION)),
      errorOf(streamed.chat.completions.create(STREAMED)),
    ])

    for (const error of errors) {
      expect([error.status, error.code]).toEqual([504, 'timeout'])
      expect(error.message).toContain('a person is to decide on calls of pay')
      expect(error.message).toContain(`/v1/executions/${error.headers?.get('x-sluice-execution-id')}`)
    }
    // Nothing is asked a second time.
    expect(door.requests).toHaveLength(2)
  })

  describe('tells a failure', () => {
    it('before the first word by a status, which the library does not take for one to try again', async () => {
      const door = await open({ answerer: byCode(async () => Promise.reject(providerError('authentication_error'))) })
      const client = await door.client()

      const errors = [
        await errorOf(client.chat.completions.create(QUESTION)),
        await errorOf(client.chat.completions.create(STREAMED)),
      ]

      for (const error of errors)
        expect([error.status, error.code, error.type]).toEqual([502, 'authentication_error', 'server_error'])
      expect(door.requests).toHaveLength(2)
    })

    it('behind the first word as an error that the library throws, without [DONE]', async () => {
      const door = await open({ answerer: byModel(failing(providerError('content_filter'), 9)) })
      const client = await door.client()

      const { text, error } = await heard(await client.chat.completions.create(STREAMED))
      const raw = await (await door.post(JSON.stringify(STREAMED))).text()

      expect(text).toBe('half of answer 1 ')
      expect(error?.code).toBe('content_filter')
      expect(raw).not.toContain('[DONE]')
    })

    it('of words that another attempt takes back; who waits for the whole never sees them', async () => {
      const model = () => byModel(failing(providerError('provider_error'), 1))
      const [door, other] = [
        await open({ agent: anAgent({ retry: RETRIED }), answerer: model() }),
        await open({ agent: anAgent({ retry: RETRIED }), answerer: model() }),
      ]

      const { id, text, error } = await heard(await (await door.client()).chat.completions.create(STREAMED))
      const whole = await (await other.client()).chat.completions.create(QUESTION)
      await door.idle()

      expect(text).toBe('half of answer 1 ')
      expect(error?.message).toContain('another one begins anew')
      expect(await stored(door, id)).toMatchObject({
        status: 'completed',
        output: { text: 'half of answer 2 A gate for water.' },
      })
      expect(whole.choices[0]?.message.content).toBe('half of answer 2 A gate for water.')
    })
  })

  it('runs to its end when the caller goes away, and is followed by our own protocol', async () => {
    const go = Promise.withResolvers<void>()
    const answerer = byCode(async (request) => {
      say(request, 'to the ')
      await go.promise
      say(request, 'end')
    })
    const door = await open({ answerer })
    const client = await door.client()
    const stream = await client.chat.completions.create(STREAMED)
    const { value: first } = await stream[Symbol.asyncIterator]().next()

    stream.controller.abort()
    await setImmediate()
    go.resolve()
    await door.idle()

    const path = `/streams/executions/${executionOf(first?.id ?? '')}`
    const { text } = await door.get({ path, headers: await door.bearer() })
    expect(expectWholeAnswer(eventsOf(text))).toBe('to the end')
  })

  it('begins a stream without a word when the first one takes long', async () => {
    const door = await streamDoor({ answerer: byModel(waiting()) })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    /** Lets time pass until it is so. */
    const passes = (isSo: () => boolean) =>
      expect.poll(() => vi.advanceTimersByTime(10_000) && isSo(), { timeout: 30_000 }).toBe(true)
    try {
      const { response, done } = await door.run(STREAMED, { path: '/openai/v1/chat/completions' })
      await passes(() => door.heads.length === 1)
      const opening = await readUntil(response, '\n\n')
      const [running] = (await door.scene.executions.list({ tenant: 'acme', of: { agentId: 'assistant' } }, { limit: 1 }))
        .executions
      if (running) await door.scene.cancel(running)
      const rest = response.toArray()
      let isOver = false
      void done.then(() => {
        isOver = true
      })
      await passes(() => isOver)

      expect(door.heads).toMatchObject([{ statusCode: 200 }])
      expect(opening).toContain('"delta":{"role":"assistant","content":""}')
      expect((await rest).join('')).toContain('"code":"cancelled"')
    } finally {
      vi.useRealTimers()
    }
  })

  describe('refuses', () => {
    it.each<[string, Parameters<OpenAiDoor['client']>[0], object, number, string]>([
      ['an agent that does not exist', {}, { model: 'nobody' }, 404, 'not_found'],
      ['a name that no agent can have', {}, { model: '../secrets' }, 404, 'not_found'],
      ['the agent of another tenant as if it did not exist', { tenant: 'other' }, {}, 404, 'not_found'],
      ['whoever may not write', { scopes: ['executions:read'] }, {}, 403, 'forbidden'],
      ['whoever may not read', { scopes: ['executions:write'] }, {}, 403, 'forbidden'],
      ['what would change the answer', {}, { n: 2 }, 400, 'unsupported'],
      ['a value out of range', {}, { temperature: 9 }, 400, 'validation_error'],
    ])('%s', async (_, principal, more, status, code) => {
      const door = await open()
      const client = await door.client(principal)

      const error = await errorOf(client.chat.completions.create({ ...QUESTION, ...more }))

      expect([error.status, error.code, error.type]).toEqual([status, code, 'invalid_request_error'])
      expect(error.requestID).toBe('req-1')
      expect(door.requests).toHaveLength(1)
    })

    it.each<[string, string, Record<string, string>, number]>([
      ['a body that is no JSON', '{', {}, 400],
      ['a body that is too large', JSON.stringify({ ...QUESTION, user: 'x'.repeat(5 * 1024 * 1024) }), {}, 413],
      ['a body that any page can send', JSON.stringify(QUESTION), { 'content-type': 'text/plain' }, 415],
      ['a token that is none', JSON.stringify(QUESTION), { authorization: 'Bearer x' }, 401],
      ['a key that is too long', JSON.stringify(QUESTION), { 'idempotency-key': 'k'.repeat(257) }, 400],
    ])('%s', async (_, body, headers, status) => {
      const door = await open()

      const response = await door.post(body, headers)

      expect(response.status).toBe(status)
      expect(response.headers.get('x-should-retry')).toBe('false')
      expect(await response.json()).toEqual({
        error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: expect.any(String) },
      })
    })

    it('more than the caller may ask, and says that it may be asked again', async () => {
      const door = await open({ limits: { requestsPerMinute: 1 } })
      const client = await door.client({}, { maxRetries: 0 })
      await client.models.list()

      const error = await errorOf(client.chat.completions.create(QUESTION))

      expect([error.status, error.code, error.type]).toEqual([429, 'rate_limit', 'rate_limit_error'])
      expect(error.headers?.get('x-should-retry')).toBe('true')
      expect(error.headers?.get('retry-after')).toMatch(/^\d+$/)
    })
  })
})

describe('GET /openai/v1/models', () => {
  it('are the agents that the caller may ask', async () => {
    const door = await open()
    await door.scene.agents.create('acme', anAgent({ agentId: 'closed', access: { principals: ['bob'] } }), 10)
    await door.scene.agents.create('other', anAgent({ agentId: 'theirs' }), 10)
    const client = await door.client()

    const { data } = await client.models.list()
    const one = await client.models.retrieve('assistant')
    const errors = [await errorOf(client.models.retrieve('closed')), await errorOf(client.models.retrieve('theirs'))]

    expect(data).toEqual([{ id: 'assistant', object: 'model', created: Date.parse('2020-01-01') / 1_000, owned_by: 'sluice' }])
    expect(one).toEqual(data[0])
    expect(errors.map(({ status }) => status)).toEqual([404, 404])
  })

  it('are not shown to whoever may not see agents', async () => {
    const door = await open()
    const client = await door.client({ scopes: ['executions:write'] })

    expect((await errorOf(client.models.list())).status).toBe(403)
  })
})

describe("the paths of OpenAI's API", () => {
  it('are all that the function serves where nobody signs for it', async () => {
    const door = await streamDoor()
    await door.withExecution()
    const headers = await door.bearer()
    const functionArn = `${FUNCTION_ARN}:openai`

    const followed = await door.get({ headers, functionArn })
    const listed = await door.get({ path: '/openai/v1/models', headers, functionArn })

    expect([followed.head?.statusCode, listed.head?.statusCode]).toEqual([404, 200])
  })

  it.each([
    ['GET', '/openai/v1/chat/completions', 405],
    ['POST', '/openai/v1/models', 405],
    ['POST', '/openai/v1/embeddings', 404],
    ['GET', '/openai/', 404],
  ])("%s %s is answered in OpenAI's words", async (method, path, status) => {
    const door = await streamDoor()

    const { head, text } = await door.get({ method, path, headers: await door.bearer() })

    expect(head?.statusCode).toBe(status)
    expect(JSON.parse(text)).toMatchObject({ error: { type: 'invalid_request_error' } })
  })

  it('let pages of allowed origins send what the library sends', async () => {
    const door = await streamDoor({ corsOrigins: ['https://app.example.com'] })
    const headers = { origin: 'https://app.example.com' }

    const { head } = await door.get({ method: 'OPTIONS', path: '/openai/v1/chat/completions', headers })

    expect(head).toMatchObject({ statusCode: 204, headers: { allow: 'POST, OPTIONS' } })
    expect(head?.headers['access-control-allow-headers']).toContain('X-Stainless-Lang')
  })
})
