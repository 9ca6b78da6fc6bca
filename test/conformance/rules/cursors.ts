import { executionChannel } from '#shared/protocol/channel.ts'
import { flatEvent, graphqlName } from '#shared/protocol/flat-event.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { eventsIn, follow } from '../follow.ts'
import { equal, must, rulesOf, shown } from '../rule.ts'
import type { Visit } from '../visit.ts'
import { keptText } from '../whole-stream.ts'

/** Fields of the flat event that GraphQL has by the same name. */
const FIELDS = ['sequence', 'eventType', 'content', 'finalResponse'] as const

async function bySocket(visit: Visit, executionId: string, after: number): Promise<unknown[]> {
  const socket = await visit.socket()
  const frame = { message_type: 'subscribe', id: 's1', payload: { channel: executionChannel(executionId), after } }
  const { subscription } = await socket.ask(frame, 'subscription_confirmed')
  return socket.untilEvents(subscription, Number.POSITIVE_INFINITY)
}

/** Takes some events on the way, drops the connection, and gives what came. */
async function takeSome(visit: Visit, executionId: string, after: number): Promise<unknown[]> {
  const socket = await visit.socket()
  const frame = { message_type: 'subscribe', id: 's1', payload: { channel: executionChannel(executionId), after } }
  const { subscription } = await socket.ask(frame, 'subscription_confirmed')
  const events = await socket.untilEvents(subscription, 1)
  socket.cut()
  return events
}

/** What GraphQL shows of these events. */
export function graphqlNodes(events: readonly ExecutionEvent[], text: string): unknown[] {
  return events.map((event) => {
    const flat = Object.entries(flatEvent(event, { text })).map(([name, value]) => [graphqlName(name), value])
    const values = Object.fromEntries(flat)
    return Object.fromEntries(FIELDS.map((name) => [name, values[name] ?? null]))
  })
}

export const CURSOR_RULES = rulesOf('cursors', {
  'the same cursor gives the same events on the socket, on Server-Sent Events and on HTTP': async (visit) => {
    const { executionId, events } = await visit.ended()
    for (const after of [-1, 1, events.length - 2]) {
      const expected = events.slice(after + 1)
      equal(await bySocket(visit, executionId, after), expected, `what the socket gives behind ${after}`)
      const stream = await follow(visit, executionId, { query: { after } })
      equal(eventsIn(await stream.all()), expected, `what Server-Sent Events give behind ${after}`)
      equal(await visit.eventsOf(executionId, after), expected, `what HTTP gives behind ${after}`)
    }
  },

  'a stream that is dropped in the middle goes on behind its cursor on another transport': async (visit) => {
    const executionId = await visit.ask(visit.longQuestion)
    const first = await takeSome(visit, executionId, -1)
    const stream = await follow(visit, executionId, { query: { after: first.length - 1 } })
    const block = await stream.blocks.until('an event', (blocks) => blocks.find(({ data }) => data !== undefined))
    stream.cut()
    const second = eventsIn([block])
    const third = await bySocket(visit, executionId, first.length)
    equal([...first, ...second, ...third], await visit.eventsOf(executionId), 'the stream in three parts')
  },

  'GraphQL pages give the same events': async (visit) => {
    const { executionId, events } = await visit.ended()
    const after = 1
    const query = `query ($id: String!, $after: Int) {
      executionEvents(executionId: $id, after: $after, limit: 1000) { nodes { ${FIELDS.join(' ')} } complete } }`
    const { status, body } = await visit.call('POST', '/graphql', { body: { query, variables: { id: executionId, after } } })
    must(status === 200 && body.errors === undefined, `it is answered with ${status} ${shown(body)}`)
    const nodes = graphqlNodes(events.slice(after + 1), keptText(events))
    equal(body.data, { executionEvents: { nodes, complete: true } }, 'the page')
  },

  'a GraphQL subscription gives the same events behind its cursor, and completes': async (visit) => {
    const { executionId, events } = await visit.ended()
    const query = `subscription ($id: String!, $after: Int) {
      agentExecutionStream(executionId: $id, after: $after) { ${FIELDS.join(' ')} } }`
    const socket = await visit.graphqlSocket()
    socket.send({ id: 'g1', type: 'subscribe', payload: { query, variables: { id: executionId, after: 1 } } })
    const messages = await socket.received.until('complete', (items) =>
      items.some((item) => Object(item).type === 'complete') ? items : undefined,
    )
    const values = messages.flatMap((item) =>
      Object(item).type === 'next' ? [Object(item).payload.data.agentExecutionStream] : [],
    )
    equal(values, graphqlNodes(events.slice(2), keptText(events)), 'what came')
  },
})
