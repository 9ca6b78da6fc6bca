import { describe, expect, it } from 'vitest'
import { callerConversation } from '#shared/conversations/caller-conversation.ts'
import { executionChannel, topicChannel } from '#shared/protocol/channel.ts'
import { executionAcceptedSchema } from '#shared/protocol/execution.ts'
import type { Scope } from '#shared/protocol/scopes.ts'
import type { HttpDependencies } from '../../../../functions/http/dependencies.ts'
import { aLease, anApproval, anEnding, anExecution } from '../../../helpers/executions.ts'
import { type HttpCall, httpCaller } from '../../../helpers/http-caller.ts'
import { aMessage } from '../../../helpers/streams.ts'

type Result = {
  data?: Record<string, unknown> | null
  errors?: { message: string; path?: string[]; extensions: { code: string } }[]
}

async function door(overrides: Partial<HttpDependencies> = {}) {
  const caller = httpCaller(overrides)
  await caller.call('POST', '/v1/agents', {
    body: { agentId: 'assistant', name: 'Assistant', llm: { provider: 'scripted', model: 'script-1' }, autoStart: true },
  })
  const ask = async (query: string, variables: Record<string, unknown> = {}, options: HttpCall = {}) => {
    const answer = await caller.call('POST', '/graphql', { body: { query, variables }, ...options })
    return { ...answer, ...(answer.body as Result) }
  }
  const askAs = async (scopes: Scope[], query: string, variables: Record<string, unknown> = {}) =>
    ask(query, variables, { token: await caller.tokenOf('acme', scopes) })
  return { ...caller, ask, askAs }
}

const SUBMIT = `mutation Submit($input: CreateExecutionInput!, $key: String) {
  createExecution(input: $input, idempotencyKey: $key) { executionId status execution { agentId input agent { name } } }
}`

const codes = ({ errors }: Result) => errors?.map(({ extensions }) => extensions.code)

describe('a query', () => {
  it('reads agents, with their queues and executions, page by page', async () => {
    const { ask } = await door()
    await ask(SUBMIT, { input: { agentId: 'assistant', input: { content: 'Why?' } } })

    const { status, data } = await ask(
      '{ agents(limit: 1) { next nodes { agentId status queue { active open } executions { nodes { status input } next } } } }',
    )

    expect(status).toBe(200)
    expect(data).toEqual({
      agents: {
        next: null,
        nodes: [
          {
            agentId: 'assistant',
            status: 'running',
            queue: { active: 1, open: true },
            executions: { nodes: [{ status: 'queued', input: { content: 'Why?' } }], next: null },
          },
        ],
      },
    })
  })

  it('reads an execution with its events, which have the fields of the flat event', async () => {
    const { ask, dependencies } = await door()
    const record = anExecution({ executionId: 'e-1', ...anEnding() })
    await dependencies.executions.create(record, 0)
    const place = { executionId: 'e-1', agentId: 'assistant', attempt: 1, time: '2026-11-21T09:30:01.000Z' }
    await dependencies.streamLog.append({ tenant: 'acme', channel: executionChannel('e-1') }, [
      { ...place, type: 'content_chunk', sequence: 0, data: { text: 'A gate.' } },
      { ...place, type: 'completed', sequence: 1, data: { stopReason: 'end', events: 2, sha256: 'a'.repeat(64) } },
    ])

    const { data, errors } = await ask(
      '{ execution(executionId: "e-1") { output { text } queue { position } events { next complete nodes { sequence eventType content finalResponse usage } } } }',
    )

    expect(errors).toBeUndefined()
    expect(data?.execution).toEqual({
      output: { text: 'A gate.' },
      queue: null,
      events: {
        next: 1,
        complete: true,
        nodes: [
          { sequence: 0, eventType: 'content_chunk', content: 'A gate.', finalResponse: null, usage: null },
          {
            sequence: 1,
            eventType: 'completed',
            content: null,
            finalResponse: 'A gate.',
            usage: { inputTokens: 5, outputTokens: 2 },
          },
        ],
      },
    })
  })

  it('says what an execution cost, and who spoke', async () => {
    const { ask, dependencies } = await door()
    const figures = { inputTokens: 5, outputTokens: 2, costMicroUsd: 3_000_000_000 }
    const usage = { ...figures, cachedInputTokens: 1, models: [{ provider: 'openai', model: 'gpt-4o', calls: 2, ...figures }] }
    await dependencies.executions.create(anExecution({ executionId: 'e-1', ...anEnding(), usage }), 0)

    const { data, errors } = await ask(
      '{ execution(executionId: "e-1") { usage { inputTokens cachedInputTokens reasoningTokens costMicroUsd models { provider model calls costMicroUsd } } } }',
    )

    expect(errors).toBeUndefined()
    expect(data?.execution).toEqual({
      usage: {
        inputTokens: 5,
        cachedInputTokens: 1,
        reasoningTokens: null,
        costMicroUsd: 3_000_000_000,
        models: [{ provider: 'openai', model: 'gpt-4o', calls: 2, costMicroUsd: 3_000_000_000 }],
      },
    })
  })

  it('reads topics, their messages behind a cursor, and facts', async () => {
    const { ask, dependencies, call } = await door()
    await call('PUT', '/v1/topics/questions', { body: { schema: { type: 'object' } } })
    const ref = { tenant: 'acme', channel: topicChannel('questions') }
    await dependencies.streamLog.append(ref, [aMessage(0), aMessage(1, { source: 'shop' })])

    const { data, errors } = await ask(`{
      topics { nodes { topic schema } }
      topic(topic: "questions") { events(after: 0) { next nodes { sequence topic sourceService eventType data } } }
      topicEvents(topic: "questions") { nodes { sequence } }
      agentEvents { nodes { eventType } next }
    }`)

    expect(errors).toBeUndefined()
    expect(data).toEqual({
      topics: { nodes: [{ topic: 'questions', schema: { type: 'object' } }] },
      topic: {
        events: {
          next: 1,
          nodes: [
            {
              sequence: 1,
              topic: 'questions',
              sourceService: 'shop',
              eventType: 'question',
              data: { content: 'What is a sluice?' },
            },
          ],
        },
      },
      topicEvents: { nodes: [{ sequence: 0 }, { sequence: 1 }] },
      agentEvents: { nodes: [], next: -1 },
    })
  })

  it("reads the caller's own conversation and nobody else's", async () => {
    const { ask, dependencies, tokenOf } = await door()
    const mine = callerConversation('acme', { agentId: 'assistant', source: '/principals/ada', conversationId: 'c-1' })
    await dependencies.conversations.append(mine, { place: '1', role: 'user', content: 'Hello', at: '2026-11-21T09:30:00.000Z' })
    const query = '{ conversation(agentId: "assistant", conversationId: "c-1") { turns { role content } } }'

    const own = await ask(query)
    const others = await ask(query, {}, { token: await tokenOf('acme', undefined, 'eve') })

    expect(own.data).toEqual({ conversation: { turns: [{ role: 'user', content: 'Hello' }] } })
    expect(others.data).toEqual({ conversation: { turns: [] } })
  })

  it('answers what is in another tenant as if it did not exist', async () => {
    const { ask, tokenOf } = await door()

    const answer = await ask(
      '{ agent(agentId: "assistant") { name } agents { nodes { name } } }',
      {},
      { token: await tokenOf('other') },
    )

    expect(answer.data).toEqual({ agent: null, agents: { nodes: [] } })
    expect(answer.errors).toMatchObject([{ path: ['agent'], extensions: { code: 'not_found', retryable: false } }])
  })

  it('refuses a page that REST would refuse, naming the argument', async () => {
    const { ask } = await door()

    const { errors } = await ask('{ agents(limit: 0) { next } }')

    expect(errors).toMatchObject([{ extensions: { code: 'validation_error', errors: [{ path: 'limit' }] } }])
  })
})

describe('a mutation', () => {
  it('creates an execution, once for a key', async () => {
    const { ask, workQueue } = await door()
    const variables = {
      input: { agentId: 'assistant', input: { content: 'Why?' }, priority: null, retry: { maxAttempts: 2, retryOnErrors: null } },
      key: 'k-1',
    }

    const first = await ask(SUBMIT, variables)
    const second = await ask(SUBMIT, variables)

    expect(first.errors).toBeUndefined()
    expect(first.data?.createExecution).toMatchObject({
      status: 'queued',
      execution: { agentId: 'assistant', input: { content: 'Why?' }, agent: { name: 'Assistant' } },
    })
    expect(second.data).toEqual(first.data)
    expect(new Set(workQueue.sent.map(({ executionId }) => executionId)).size).toBe(1)
  })

  it('says how the model answers, and which one it is only with the right to change agents', async () => {
    const { ask, askAs, dependencies } = await door()
    const input = { agentId: 'assistant', input: { content: 'Why?' } }
    const scopes: Scope[] = ['executions:write', 'executions:read', 'agents:read']

    const warm = await askAs(scopes, SUBMIT, {
      input: { ...input, llm: { temperature: 0.3, maxTokens: null, stopSequences: ['END'] } },
    })
    const other = await askAs(scopes, SUBMIT, { input: { ...input, llm: { model: 'gpt-5.5' } } })
    const odd = await ask(SUBMIT, { input: { ...input, llm: { temperature: 3 } } })

    expect(warm.errors).toBeUndefined()
    const { executionId } = executionAcceptedSchema.pick({ executionId: true }).parse(warm.data?.createExecution)
    expect(await dependencies.executions.get({ tenant: 'acme', executionId })).toMatchObject({
      llm: { temperature: 0.3, stopSequences: ['END'] },
    })
    expect([codes(other), codes(odd)]).toEqual([['forbidden'], ['validation_error']])
  })

  it('is answered again in full under the key of its request', async () => {
    const { ask } = await door()
    const once = { headers: { 'idempotency-key': 'request-1' } }

    const first = await ask(SUBMIT, { input: { agentId: 'assistant', input: { content: 'Why?' } } }, once)
    const again = await ask(SUBMIT, { input: { agentId: 'assistant', input: { content: 'Why?' } } }, once)

    expect(again.data).toEqual(first.data)
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true', 'content-type': first.headers['content-type'] })
  })

  it('cancels an execution and does it again', async () => {
    const { ask } = await door()
    const created = await ask(SUBMIT, { input: { agentId: 'assistant', input: { content: 'Why?' } } })
    const { executionId } = executionAcceptedSchema.pick({ executionId: true }).parse(created.data?.createExecution)

    const cancelled = await ask('mutation ($id: String!) { cancelExecution(executionId: $id) { status } }', { id: executionId })
    const retried = await ask('mutation ($id: String!) { retryExecution(executionId: $id) { status execution { retryOf } } }', {
      id: executionId,
    })

    expect(cancelled.data).toEqual({ cancelExecution: { status: 'cancelled' } })
    expect(retried.data).toEqual({ retryExecution: { status: 'queued', execution: { retryOf: executionId } } })
  })

  it('pauses an agent, and says what is possible when that is not', async () => {
    const { ask } = await door()
    const change = 'mutation ($verb: AgentVerb!) { changeAgent(agentId: "assistant", verb: $verb) { status } }'

    expect((await ask(change, { verb: 'pause' })).data).toEqual({ changeAgent: { status: 'paused' } })
    const again = await ask(change, { verb: 'pause' })

    expect(codes(again)).toEqual(['invalid_state'])
    expect(again.errors?.[0]?.message).toContain('possible are: resume')
  })

  it('publishes a message, whose data may be null', async () => {
    const { ask, bus } = await door()

    const { data } = await ask(
      'mutation { publishMessage(topic: "questions", message: { data: null, id: "m-1" }) { messageId topic } }',
    )

    expect(data).toEqual({ publishMessage: { messageId: 'm-1', topic: 'questions' } })
    expect(bus.published).toMatchObject([{ tenant: 'acme', envelope: { id: 'm-1', data: null, source: '/principals/ada' } }])
  })

  it('refuses a callback into the private network', async () => {
    const { ask } = await door()

    const answer = await ask(SUBMIT, { input: { agentId: 'assistant', input: {}, callbackUrl: 'http://169.254.169.254/' } })

    expect(codes(answer)).toEqual(['validation_error'])
  })
})

describe('variables', () => {
  const LIST = 'query List($limit: Int!) { agents(limit: $limit) { next } }'

  it.each([
    ['is missing', {}, 'to be provided'],
    ['is null', { limit: null }, 'not to be null'],
    ['is of another type', { limit: 'ten' }, 'Int cannot represent non-integer value'],
  ])('refuses one that %s, and says which', async (_, variables, message) => {
    const { ask, log } = await door()

    const { errors } = await ask(LIST, variables)

    expect(errors).toMatchObject([{ message: expect.stringContaining(message), extensions: { code: 'validation_error' } }])
    expect(errors?.[0]?.message).toContain('"$limit"')
    // It is no failure of ours: nobody is woken.
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})

describe('scopes', () => {
  const forbidden: [string, Scope[], string][] = [
    ['agents', ['executions:read'], '{ agents { next } }'],
    ['an agent', ['executions:read'], '{ agent(agentId: "assistant") { name } }'],
    ['executions', ['agents:read'], '{ executions(agentId: "assistant") { next } }'],
    ['an execution', ['agents:read'], '{ execution(executionId: "e-1") { status } }'],
    ['events', ['agents:read'], '{ executionEvents(executionId: "e-1") { next } }'],
    ['facts', ['agents:read'], '{ agentEvents { next } }'],
    ['topics', ['agents:read'], '{ topics { next } }'],
    ['messages', ['agents:read'], '{ topicEvents(topic: "questions") { next } }'],
    ['a conversation', ['agents:read'], '{ conversation(agentId: "a", conversationId: "c") { agentId } }'],
    ['creating', ['executions:read'], 'mutation { createExecution(input: { agentId: "a", input: 1 }) { status } }'],
    ['cancelling', ['executions:read'], 'mutation { cancelExecution(executionId: "e-1") { status } }'],
    ['retrying', ['executions:read'], 'mutation { retryExecution(executionId: "e-1") { status } }'],
    ['changing', ['agents:read'], 'mutation { changeAgent(agentId: "assistant", verb: stop) { status } }'],
    ['publishing', ['topics:read'], 'mutation { publishMessage(topic: "t", message: { data: 1 }) { topic } }'],
  ]

  it.each(forbidden)('are asked for: %s', async (_what, scopes, query) => {
    const { askAs } = await door()

    expect(codes(await askAs(scopes, query))).toEqual(['forbidden'])
  })

  it('are asked for below the root as well', async () => {
    const { askAs } = await door()

    const answer = await askAs(['agents:read'], '{ agent(agentId: "assistant") { name executions { nodes { input } } } }')

    expect(answer.data).toEqual({ agent: null })
    expect(answer.errors).toMatchObject([{ path: ['agent', 'executions'], extensions: { code: 'forbidden' } }])
  })

  it('let who can only write learn the id alone', async () => {
    const { askAs } = await door()

    const answer = await askAs(['executions:write'], SUBMIT, { input: { agentId: 'assistant', input: { content: 'Why?' } } })

    expect(answer.data?.createExecution).toMatchObject({ status: 'queued', execution: null })
    expect(codes(answer)).toEqual(['forbidden'])
  })
})

describe('the door', () => {
  it('wants a token before it looks at anything', async () => {
    const { ask } = await door()

    const answer = await ask('{ __schema { types { name } } }', {}, { token: null })

    expect(answer.status).toBe(401)
    expect(answer.body).toMatchObject({ code: 'unauthorized' })
  })

  it('describes itself to those who are known', async () => {
    const { askAs } = await door()

    const { data } = await askAs([], '{ __schema { queryType { name } subscriptionType { fields { name } } } }')

    expect(data).toEqual({
      __schema: {
        queryType: { name: 'Query' },
        subscriptionType: { fields: [{ name: 'agentExecutionStream' }, { name: 'topicStream' }, { name: 'agentEvents' }] },
      },
    })
  })

  it('refuses GET, whatever it asks', async () => {
    const { call } = await door()

    const answer = await call('GET', '/graphql', { query: { query: '{ agents { next } }' } })

    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('POST')
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'refuses what a form of another site could send: %s',
    async (type) => {
      const { ask } = await door()

      const answer = await ask(
        'mutation { changeAgent(agentId: "assistant", verb: stop) { status } }',
        {},
        {
          headers: { 'Content-Type': type },
        },
      )

      expect(answer.status).toBe(415)
    },
  )

  it('refuses batches', async () => {
    const { call } = await door()

    const answer = await call('POST', '/graphql', { body: [{ query: '{ agents { next } }' }, { query: '{ agents { next } }' }] })

    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_error' } })
  })

  it('refuses a request that is too large', async () => {
    const { ask } = await door()

    const answer = await ask(`{ agents { next } } #${'x'.repeat(100 * 1024)}`)

    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large' } })
  })

  it('refuses an answer that would be too large', async () => {
    const { ask, dependencies } = await door()
    for (const index of Array(20).keys())
      await dependencies.executions.create(anExecution({ executionId: `e-${index}`, input: 'x'.repeat(100_000) }), 0)

    const answer = await ask('{ executions(agentId: "assistant") { nodes { input a: input b: input c: input d: input } } }')

    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large' } })
  })

  it('has subscriptions on the socket alone', async () => {
    const { ask } = await door()

    const answer = await ask('subscription { topicStream(topic: "t") { sequence } }')

    expect(answer.errors).toMatchObject([{ message: 'Subscriptions are not supported' }])
  })

  it('answers in the media type that is asked for', async () => {
    const { ask } = await door()
    const headers = { accept: 'application/graphql-response+json' }

    const answer = await ask('{ nothing }', {}, { headers })

    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toBe('application/graphql-response+json; charset=utf-8')
    expect(codes(answer)).toEqual(['validation_error'])
  })

  it('shows nothing of what breaks inside, and logs it', async () => {
    const { dependencies } = httpCaller()
    const agents = { ...dependencies.agents, list: () => Promise.reject(new TypeError('secret of the table')) }
    const { ask, log } = await door({ agents })

    const answer = await ask('{ agents { next } }')

    expect(codes(answer)).toEqual(['internal'])
    expect(JSON.stringify(answer.body)).not.toContain('secret')
    expect(log.lines.filter(({ code }) => code !== 'request_served')).toMatchObject([
      { level: 'error', code: 'request_failed', fields: { requestId: 'request-1', path: '/graphql', code: 'internal' } },
    ])
  })
})

describe('approvals in GraphQL', () => {
  it('are listed, shown and decided on, with the scopes of REST', async () => {
    const caller = await door()
    const { executions, clock, approvals } = caller.dependencies
    const record = anExecution()
    await executions.create(record, 0)
    await executions.acquire(record, aLease('a', clock.now()))
    const approval = anApproval({ executionId: record.executionId })
    const { approvalId } = approval
    await (await approvals()).ask(record, 1, [approval])
    const list = '{ approvals(status: pending) { next nodes { approvalId toolName arguments status } } }'
    const decide =
      'mutation Decide($id: String!) { decideApproval(approvalId: $id, decision: deny, reason: "no") { status decidedBy } }'

    expect((await caller.ask(list)).data).toEqual({
      approvals: { next: null, nodes: [{ approvalId, toolName: 'pay', arguments: { amount: 3 }, status: 'pending' }] },
    })
    expect(codes(await caller.askAs(['executions:read'], list))).toEqual(['forbidden'])
    expect(codes(await caller.askAs(['approvals:read', 'executions:write'], decide, { id: approvalId }))).toEqual(['forbidden'])
    expect(codes(await caller.ask(decide, { id: 'T#acme' }))).toEqual(['validation_error'])
    expect((await caller.ask(decide, { id: approvalId })).data).toEqual({
      decideApproval: { status: 'denied', decidedBy: 'ada' },
    })
    expect((await caller.ask(`{ approval(approvalId: "${approvalId}") { status reason } }`)).data).toEqual({
      approval: { status: 'denied', reason: 'no' },
    })
  })
})
