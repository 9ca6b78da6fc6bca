import { createClient, type SubscribePayload } from 'graphql-ws'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { flatExecutionEvent } from '#shared/protocol/flat-event.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'

/** Long enough to be watched. */
const SLOW = '[[tokens=60 rate=60]] What is a sluice?'

const PRINTED = `
  subscription AgentExecutionStream($executionId: String!, $after: Int) {
    agentExecutionStream(executionId: $executionId, after: $after) {
      executionId eventType content status toolName error timestamp sequence
    }
  }
`

type Shown = { sequence: number; eventType: string }
type Result = { data?: Record<string, unknown> | null | undefined }

describe('GraphQL', () => {
  const cloud = deployedCloud()

  const post = (query: string, variables: Record<string, unknown> = {}) =>
    cloud.call('POST', '/graphql', { body: { query, variables } })

  /** All results of one operation over a socket of its own. */
  async function over(payload: SubscribePayload, connectionParams?: Record<string, unknown>): Promise<Result[]> {
    const url = new URL('/socket', cloud.frontDoorUrl)
    url.protocol = url.protocol.replace('http', 'ws')
    // Asked for first: an open socket has five seconds to say who it is.
    const credentials = connectionParams ?? { ticket: await cloud.ticket() }
    const client = createClient({ url: url.href, webSocketImpl: WebSocket, connectionParams: credentials, retryAttempts: 0 })
    const results: Result[] = []
    try {
      for await (const result of client.iterate(payload)) results.push(result)
    } finally {
      client.terminate()
    }
    return results
  }

  const watch = async (variables: { executionId: string; after?: number }): Promise<Shown[]> =>
    (await over({ query: PRINTED, variables })).map(({ data }) => data?.agentExecutionStream as Shown)

  it('starts an execution, shows it to its end as every other door does, and again behind a cursor', async () => {
    const { body } = await post(
      'mutation ($input: CreateExecutionInput!) { createExecution(input: $input) { executionId execution { agent { agentId } } } }',
      { input: { agentId: 'assistant', input: { content: SLOW } } },
    )
    const created = (body.data as { createExecution: { executionId: string } }).createExecution
    expect(created).toMatchObject({ execution: { agent: { agentId: 'assistant' } } })
    const { executionId } = created

    const seen = await watch({ executionId })

    const log = await cloud.call('GET', `/v1/executions/${executionId}/events`)
    const expected = (log.body.events as ExecutionEvent[]).map((event) => {
      const {
        eventType,
        content = null,
        status = null,
        toolName = null,
        error = null,
        timestamp,
        sequence,
      } = flatExecutionEvent(event)
      return { executionId, eventType, content, status, toolName, error, timestamp, sequence }
    })
    expect(seen).toEqual(expected)
    expect(seen.at(-1)?.eventType).toBe('completed')
    expect(await watch({ executionId, after: 2 })).toEqual(expected.slice(3))
  })

  it('shows the messages of a topic that it published', async () => {
    const topic = 'graphql-e2e'
    const publish = 'mutation ($topic: String!) { publishMessage(topic: $topic, message: { data: { n: 1 } }) { messageId } }'
    expect((await post(publish, { topic })).body).toMatchObject({ data: { publishMessage: { messageId: expect.any(String) } } })

    const nodes = await eventually(async () => {
      const { body } = await post('query ($topic: String!) { topicEvents(topic: $topic) { nodes { data topic } } }', { topic })
      const page = (body.data as { topicEvents: { nodes: unknown[] } }).topicEvents
      return page.nodes.length > 0 ? page.nodes : undefined
    })

    expect(nodes[0]).toEqual({ data: { n: 1 }, topic })
  })

  it('asks and changes things over a socket that a token opened', async () => {
    const credentials = { Authorization: `Bearer ${await cloud.token()}` }
    const query = 'mutation { publishMessage(topic: "graphql-e2e", message: { data: { n: 2 } }) { topic } }'

    expect(await over({ query: '{ agent(agentId: "assistant") { agentId } }' }, credentials)).toEqual([
      { data: { agent: { agentId: 'assistant' } } },
    ])
    expect(await over({ query }, credentials)).toEqual([{ data: { publishMessage: { topic: 'graphql-e2e' } } }])
  })

  it('opens no socket with a ticket that nobody issued', async () => {
    await expect(over({ query: '{ __typename }' }, { ticket: 'nobody' })).rejects.toThrow('First message cannot be of type error')
  })

  it('refuses what asks for too much', async () => {
    const { body } = await post('{ agents(limit: 100) { nodes { executions(limit: 100) { nodes { input } } } } }')

    expect(body).toMatchObject({ errors: [{ extensions: { code: 'validation_error' } }] })
  })
})
