import { topicChannel } from '#shared/protocol/channel.ts'
import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { equal, must, rulesOf, shown } from '../rule.ts'
import type { Visit } from '../visit.ts'
import { inOrder } from '../whole-stream.ts'

async function publish(visit: Visit, topic: string, data: unknown): Promise<void> {
  const { status, body } = await visit.call('POST', `/v1/topics/${topic}/messages`, { body: { data } })
  must(status === 202, `publishing is answered with ${status} ${shown(body)}`)
}

const dataOf = (events: readonly StreamEvent[]): unknown[] =>
  events.map((event) => (event.type === 'message' ? event.data.data : event))

export const TOPIC_RULES = rulesOf('topics', {
  'without a cursor a topic is sent from now on; behind a cursor from there': async (visit) => {
    const topic = visit.fresh('topic')
    const early = await visit.socket()
    const { subscription } = await early.ask(
      { message_type: 'subscribe', id: 's1', payload: { topic } },
      'subscription_confirmed',
    )
    await publish(visit, topic, 'one')
    await early.untilEvents(subscription, 1)

    const late = await visit.socket()
    const now = await late.ask(
      { message_type: 'subscribe', id: 's1', payload: { channel: topicChannel(topic) } },
      'subscription_confirmed',
    )
    equal(now.after, 0, 'the cursor of who comes later')
    await publish(visit, topic, 'two')
    const both = await early.untilEvents(subscription, 2)
    equal([inOrder(both, -1), dataOf(both)], [1, ['one', 'two']], 'what the first has')
    equal(dataOf(await late.untilEvents(now.subscription, 1)), ['two'], 'what the second has')

    const again = await visit.socket()
    const old = await again.ask({ message_type: 'subscribe', id: 's1', payload: { topic, after: -1 } }, 'subscription_confirmed')
    equal(await again.untilEvents(old.subscription, 2), both, 'what is replayed')
  },

  'a topic has the same numbers on Server-Sent Events and on HTTP': async (visit) => {
    const topic = visit.fresh('topic')
    const stream = await visit.stream(`/streams/topics/${topic}`, { query: { after: -1 }, headers: await visit.withTicket() })
    for (const word of ['one', 'two', 'three']) await publish(visit, topic, word)
    const blocks = await stream.blocks.until('three messages', (all) => {
      const messages = all.filter(({ data }) => data !== undefined)
      return messages.length >= 3 ? messages : undefined
    })
    const { body } = await visit.call('GET', `/v1/topics/${topic}/events`, { query: { after: -1 } })
    equal(
      blocks.map(({ data = '' }) => JSON.parse(data)),
      body.events,
      'the messages',
    )
    equal(
      blocks.map(({ id, event }) => `${id} ${event}`),
      ['0 message', '1 message', '2 message'],
      'their ids and types',
    )
    equal(body.next, 2, 'the cursor')
  },

  'a message too large for a frame comes with data null, and dataref leads to it': async (visit) => {
    const topic = visit.fresh('topic')
    const socket = await visit.socket()
    const { subscription } = await socket.ask(
      { message_type: 'subscribe', id: 's1', payload: { topic } },
      'subscription_confirmed',
    )
    const large = 'x'.repeat(2 * MAX_FRAME_BYTES)
    await publish(visit, topic, large)
    const [event] = await socket.untilEvents(subscription, 1)
    must(event?.type === 'message' && event.data.data === null, `it came as ${shown(event)}`)
    const { status, body } = await visit.call('GET', event.data.dataref ?? '')
    equal(status, 200, `the status of ${event.data.dataref}`)
    const [whole] = Array.isArray(body.events) ? body.events : []
    must(Object(whole).data?.data === large, `there stands ${shown(whole)}`)
  },

  'a message whose id is known is accepted and changes nothing': async (visit) => {
    const topic = visit.fresh('topic')
    const stream = await visit.stream(`/streams/topics/${topic}`, { query: { after: -1 }, headers: await visit.withTicket() })
    const until = (what: string, word: string) =>
      stream.blocks.until(what, (all) =>
        all.some(({ data }) => data?.includes(`"${word}"`)) ? all.filter(({ data }) => data !== undefined) : undefined,
      )
    const body = { id: visit.fresh('message'), data: 'once' }
    for (const time of ['first', 'second']) {
      const { status } = await visit.call('POST', `/v1/topics/${topic}/messages`, { body })
      equal(status, 202, `the status of the ${time} time`)
      // Messages that are on their way together may overtake each other.
      await until('the message', 'once')
    }
    await publish(visit, topic, 'last')
    const blocks = await until('the last message', 'last')
    equal(
      blocks.map(({ data = '' }) => JSON.parse(data).data.data),
      ['once', 'last'],
      'the messages',
    )
  },

  'the channel all tells what happens to an execution, numbered like a topic': async (visit) => {
    const socket = await visit.socket()
    const frame = { message_type: 'subscribe', id: 's1', payload: { channel: 'all' } }
    const { subscription, after } = await socket.ask(frame, 'subscription_confirmed')
    const executionId = await visit.ask()
    const events = await socket.until('execution.completed', () => {
      const all = socket.eventsOf(subscription)
      const done = all.some(
        ({ type, data }) => type === 'lifecycle' && data.type === 'execution.completed' && data.data.executionId === executionId,
      )
      return done ? all : undefined
    })
    inOrder(events, after)
  },
})
