import { Client, type ExecutionResult, subscriptionExchange } from '@urql/core'
import { type ClientOptions, createClient, type Client as GraphqlClient, type SubscribePayload } from 'graphql-ws'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import { flatExecutionEvent } from '#shared/protocol/flat-event.ts'
import { GRAPHQL_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import { MAX_OPERATIONS } from '../../../../functions/socket/graphql-operation.ts'
import { graphqlSocket } from '../../../helpers/graphql-socket.ts'
import { anEnvelope } from '../../../helpers/streams.ts'
import { byModel, failing, providerError, waiting, words } from '../../../helpers/worker.ts'

/** As the source documents print it, with the cursor. */
const PRINTED = `
  subscription AgentExecutionStream($executionId: String!, $after: Int) {
    agentExecutionStream(executionId: $executionId, after: $after) {
      executionId
      eventType
      content
      status
      toolName
      error
      timestamp
      sequence
    }
  }
`

let door: Awaited<ReturnType<typeof graphqlSocket>>
let clients: GraphqlClient[]

beforeEach(async () => {
  door = await graphqlSocket()
  clients = []
})
afterEach(async () => {
  for (const client of clients) client.terminate()
  await door.close()
})

const connect = (options: Partial<ClientOptions> = {}): GraphqlClient => {
  const client = createClient({
    url: door.url,
    webSocketImpl: WebSocket,
    connectionParams: async () => ({ ticket: await door.ticket() }),
    retryAttempts: 0,
    ...options,
  })
  clients.push(client)
  return client
}

type Result = { data?: Record<string, unknown> | null | undefined; errors?: unknown }

async function all(client: GraphqlClient, payload: SubscribePayload): Promise<Result[]> {
  const results: Result[] = []
  for await (const result of client.iterate(payload)) results.push(result as Result)
  return results
}

/** What the printed subscription shows of the log. */
const shown = async (record: ExecutionRecord, after = -1) =>
  (await door.events(record))
    .filter(({ sequence }) => sequence > after)
    .map((event) => {
      const flat = flatExecutionEvent(event)
      const { eventType, content = null, status = null, toolName = null, error = null, timestamp, sequence } = flat
      return { executionId: record.executionId, eventType, content, status, toolName, error, timestamp, sequence }
    })

const eventsOf = (results: Result[]) => results.map(({ data }) => data?.agentExecutionStream)

/** The first result is there: whoever subscribed is live or about to be. */
async function begun(iterator: AsyncIterableIterator<unknown>): Promise<Result> {
  const { value } = await iterator.next()
  return value as Result
}

describe('the client of graphql-ws', () => {
  it('sees all events of an execution that has ended, and its end', async () => {
    const record = await door.submit()
    await door.work(byModel(words), record)

    const results = await all(connect(), { query: PRINTED, variables: { executionId: record.executionId } })

    expect(eventsOf(results)).toEqual(await shown(record))
    expect(results.every(({ errors }) => errors === undefined)).toBe(true)
  })

  it('sees what comes while it watches, through a failed attempt', async () => {
    const record = await door.submit({ retry: { backoffSeconds: 0 } })
    const watching = all(connect(), { query: PRINTED, variables: { executionId: record.executionId } })
    await door.work(byModel(failing(providerError('provider_error'), 1)), record)

    expect(eventsOf(await watching)).toEqual(await shown(record))
    expect((await shown(record)).map(({ eventType }) => eventType)).toContain('retrying')
  })

  it('goes on behind its cursor', async () => {
    const record = await door.submit()
    await door.work(byModel(words), record)

    const results = await all(connect(), { query: PRINTED, variables: { executionId: record.executionId, after: 1 } })

    expect(eventsOf(results)).toEqual(await shown(record, 1))
  })

  it('sees the messages of a topic, and facts, until it has enough', async () => {
    const client = connect()
    await door.topics.publish('acme', { ...anEnvelope({ id: 'm-0' }), topic: 'questions' })
    await door.topics.publish('acme', { ...anEnvelope({ id: 'm-1', source: 'shop' }), topic: 'questions' })
    const query = 'subscription { topicStream(topic: "questions", after: 0) { __typename sequence who: sourceService data } }'
    const messages = client.iterate({ query })

    expect(await begun(messages)).toEqual({
      data: { topicStream: { __typename: 'TopicMessage', sequence: 1, who: 'shop', data: { content: 'What is a sluice?' } } },
    })
    await messages.return?.()
    const [connection] = await Promise.all(['c1'].map((id) => door.dependencies.connections.get(id)))
    expect(connection?.protocol).toBe(GRAPHQL_SUBPROTOCOL)
  })

  it('ends a subscription that it has had enough of, and keeps the others', async () => {
    const client = connect()
    const record = await door.submit()
    const working = waiting('A gate')
    const work = door.work(byModel(working), record)
    const variables = { executionId: record.executionId }
    const [one, other] = [client.iterate({ query: PRINTED, variables }), client.iterate({ query: PRINTED, variables })]
    await Promise.all([begun(one), begun(other)])

    await one.return?.()
    const operations = async () => (await door.dependencies.connections.subscriptions('c1')).length
    await expect.poll(operations).toBe(1)
    await door.cancel(record)
    await work

    let last: Result | undefined
    for await (const result of other) last = result as Result
    expect(last?.data?.agentExecutionStream).toMatchObject({ eventType: 'cancelled' })
  })

  it('asks and changes things over the same socket', async () => {
    const client = connect()

    const asked = await all(client, { query: '{ agents { nodes { agentId } } }' })
    const paused = await all(client, { query: 'mutation { changeAgent(agentId: "assistant", verb: pause) { status } }' })
    const refused = await all(client, { query: '{ agent(agentId: "nobody") { name } }' })

    expect(asked).toEqual([{ data: { agents: { nodes: [{ agentId: 'assistant' }] } } }])
    expect(paused).toEqual([{ data: { changeAgent: { status: 'paused' } } }])
    expect(refused).toMatchObject([{ data: { agent: null }, errors: [{ path: ['agent'], extensions: { code: 'not_found' } }] }])
  })

  it.each([
    ['nonsense', '{ nonsense }', 'validation_error'],
    ['too much', '{ agents(limit: 100) { nodes { executions(limit: 100) { nodes { status } } } } }', 'validation_error'],
    ['an execution that does not exist', 'subscription { agentExecutionStream(executionId: "e-0") { content } }', 'not_found'],
    ['an agent that does not exist', 'subscription { agentEvents(agentId: "nobody") { data } }', 'not_found'],
    ['a topic that cannot be', 'subscription { topicStream(topic: "a b") { data } }', 'validation_error'],
    ['a cursor that cannot be', 'subscription { topicStream(topic: "t", after: -2) { data } }', 'validation_error'],
    ['copies', 'subscription { topicStream(topic: "t") { data again: data } }', 'validation_error'],
  ])('is told what is wrong: %s', async (_what, query, code) => {
    await expect(all(connect(), { query })).rejects.toMatchObject([{ extensions: { code } }])
  })

  it.each([
    ['an execution', ['topics:read'], 'subscription { agentExecutionStream(executionId: "e-0") { content } }'],
    ['a topic', ['executions:read'], 'subscription { topicStream(topic: "t") { data } }'],
    ['facts', ['executions:read'], 'subscription { agentEvents { data } }'],
  ] as const)('needs the scopes of what it follows: %s', async (_what, scopes, query) => {
    const client = connect({ connectionParams: async () => ({ ticket: await door.ticket({ scopes }) }) })

    await expect(all(client, { query })).rejects.toMatchObject([{ extensions: { code: 'forbidden' } }])
  })

  it('learns nothing of another tenant', async () => {
    const record = await door.submit()
    const client = connect({ connectionParams: async () => ({ ticket: await door.ticket({ tenant: 'other' }) }) })

    const watching = all(client, { query: PRINTED, variables: { executionId: record.executionId } })

    await expect(watching).rejects.toMatchObject([{ extensions: { code: 'not_found' } }])
  })

  it.each(['Authorization', 'authorization'])('may show a token instead of a ticket: %s', async (name) => {
    const client = connect({ connectionParams: async () => ({ [name]: `Bearer ${await door.token()}` }) })

    expect(await all(client, { query: '{ __typename }' })).toEqual([{ data: { __typename: 'Query' } }])
  })

  it('may have shown its ticket with the handshake', async () => {
    const client = connect({ url: `${door.url}/?ticket=${await door.ticket()}`, connectionParams: {} })

    expect(await all(client, { query: '{ __typename }' })).toEqual([{ data: { __typename: 'Query' } }])
  })

  it('shows the same caller twice, or is refused', async () => {
    const url = `${door.url}/?ticket=${await door.ticket()}`
    const client = connect({ url, connectionParams: { ticket: await door.ticket({ subject: 'eve' }) } })

    await expect(all(client, { query: '{ __typename }' })).rejects.toThrow()
  })

  it('does not come back for ever with a ticket that is bad', async () => {
    const client = connect({ connectionParams: { ticket: 'bad' }, retryAttempts: 5 })

    await expect(all(client, { query: '{ __typename }' })).rejects.toThrow('First message cannot be of type error')
    expect(door.connections()).toBe(1)
  })
})

describe('the client of urql', () => {
  it('sees the printed subscription, and its end', async () => {
    const record = await door.submit()
    await door.work(byModel(words), record)
    const socket = connect()
    const urql = new Client({
      url: 'http://localhost/graphql',
      preferGetMethod: false,
      exchanges: [
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: (sink) => ({
              unsubscribe: socket.subscribe(
                { query, variables: { ...variables } },
                { ...sink, next: (result) => sink.next(result as ExecutionResult) },
              ),
            }),
          }),
        }),
      ],
    })

    const events: unknown[] = []
    await new Promise<void>((resolve, reject) => {
      urql
        .subscription(PRINTED.replace('sequence', 'sequence __typename'), { executionId: record.executionId })
        .subscribe(({ data, error, hasNext }) => {
          if (error) reject(error)
          // The last result is the one before it, and the end.
          if (!hasNext) resolve()
          else if (data) events.push(data.agentExecutionStream)
        })
    })

    const expected = (await shown(record)).map((event) => ({ ...event, __typename: 'ExecutionEvent' }))
    expect(events).toEqual(expected)
  })
})

describe('a message', () => {
  const init = async () => {
    const socket = await door.raw()
    socket.send({ type: 'connection_init', payload: { ticket: await door.ticket() } })
    expect(await socket.next()).toEqual({ type: 'connection_ack' })
    return socket
  }
  const subscription = (id: string, query = 'subscription { topicStream(topic: "t") { sequence } }') => ({
    type: 'subscribe',
    id,
    payload: { query },
  })

  it('finds the protocol agreed on', async () => {
    expect((await door.raw()).protocol).toBe(GRAPHQL_SUBPROTOCOL)
  })

  it('finds nothing followed that GraphQL has no words for', async () => {
    const socket = new WebSocket(`${door.url}/?executionId=e-1&ticket=${await door.ticket()}`, GRAPHQL_SUBPROTOCOL)

    const refused = new Promise((resolve) => socket.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode)))

    expect(await refused).toBe(422)
  })

  it('is answered: ping', async () => {
    const socket = await door.raw()

    socket.send({ type: 'ping', payload: { n: 1 } })

    expect(await socket.next()).toEqual({ type: 'pong', payload: { n: 1 } })
  })

  it('that subscribes before it said who it is ends the connection', async () => {
    const socket = await door.raw()

    socket.send(subscription('s1'))

    expect(await socket.next()).toMatchObject({ type: 'error', id: 's1', payload: [{ extensions: { code: 'unauthorized' } }] })
    await socket.closed
  })

  it('that asks for the schema before it said who it is learns nothing', async () => {
    const socket = await door.raw()

    socket.send(subscription('s1', '{ __schema { types { name } } }'))

    expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'unauthorized' } }] })
    await socket.closed
  })

  it.each([
    ['without credentials', {}],
    ['with a ticket that nobody issued', { ticket: 'nobody' }],
    ['with a token that nobody signed', { Authorization: 'Bearer nobody' }],
    ['with something else', { ticket: 1 }],
  ])('that initialises %s ends the connection', async (_what, payload) => {
    const socket = await door.raw()

    socket.send({ type: 'connection_init', payload })

    expect(await socket.next()).toMatchObject({ type: 'error', id: 'connection_init' })
    await socket.closed
  })

  it('that initialises twice ends the connection', async () => {
    const socket = await init()

    socket.send({ type: 'connection_init', payload: { ticket: await door.ticket() } })

    expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'conflict' } }] })
    await socket.closed
  })

  it.each([
    ['no JSON', 'subscribe'],
    ['no message', '[]'],
    ['an unknown type', { type: 'start', id: '1' }],
    ['one of the server', { type: 'next', id: '1', payload: {} }],
    ['a subscription without a query', { type: 'subscribe', id: '1', payload: {} }],
    ['a frame that is nested deep', `{"type":"ping","payload":{"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}}`],
  ])('that the protocol does not know ends the connection: %s', async (_what, message) => {
    const socket = await init()

    socket.send(message)

    await socket.closed
  })

  it('that uses the name of an operation that runs ends the connection', async () => {
    const socket = await init()
    socket.send(subscription('s1'))
    await expect.poll(async () => (await door.dependencies.connections.subscriptions('c1')).length).toBe(1)

    socket.send(subscription('s1'))

    expect(await socket.next()).toMatchObject({ type: 'error', id: 's1', payload: [{ extensions: { code: 'conflict' } }] })
    await socket.closed
  })

  it('that ends what does not run is no error', async () => {
    const socket = await init()

    socket.send({ type: 'complete', id: 's1' })
    socket.send({ type: 'pong' })
    socket.send({ type: 'ping' })

    expect(await socket.next()).toEqual({ type: 'pong' })
  })

  it('is one subscription too many', async () => {
    const socket = await init()
    for (const index of Array(MAX_OPERATIONS).keys()) {
      socket.send(subscription(`s${index}`))
      await expect.poll(async () => (await door.dependencies.connections.subscriptions('c1')).length).toBe(index + 1)
    }

    socket.send(subscription('one more'))

    expect(await socket.next()).toMatchObject({
      type: 'error',
      id: 'one more',
      payload: [{ extensions: { code: 'rate_limit' } }],
    })
    socket.send({ type: 'ping' })
    expect(await socket.next()).toEqual({ type: 'pong' })
  })

  it('counts the subscriptions that run, not those whose executions have ended', async () => {
    const record = await door.submit()
    const socket = await init()
    for (const index of Array(MAX_OPERATIONS).keys())
      await door.dependencies.connections.addSubscription('c1', {
        tenant: 'acme',
        channel: executionChannel(record.executionId),
        operation: `s${index}`,
      })
    await door.cancel(record)

    socket.send(subscription('s1', `subscription { agentExecutionStream(executionId: "${record.executionId}") { eventType } }`))

    expect(await socket.next()).toMatchObject({ type: 'next', id: 's1' })
    expect(await socket.next()).toEqual({ type: 'complete', id: 's1' })
  })

  it('with a name that is too long is refused', async () => {
    const socket = await init()

    socket.send(subscription('s'.repeat(129)))

    expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'validation_error' } }] })
  })

  it('whose answer does not fit a frame is told where to ask', async () => {
    const record = await door.submit({ input: { content: 'x'.repeat(30_000) } })
    const socket = await init()

    socket.send(subscription('q1', `{ execution(executionId: "${record.executionId}") { input } }`))

    expect(await socket.next()).toMatchObject({
      type: 'error',
      id: 'q1',
      payload: [{ extensions: { code: 'payload_too_large' } }],
    })
  })

  it('after the end of the token ends the connection', async () => {
    const socket = await init()
    door.later(7_200_000)

    socket.send(subscription('s1'))

    expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'unauthorized' } }] })
    await socket.closed
  })
})
