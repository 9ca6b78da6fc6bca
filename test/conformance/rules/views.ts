import { executionChannel, topicChannel } from '#shared/protocol/channel.ts'
import { flatEvent } from '#shared/protocol/flat-event.ts'
import { equal, rulesOf } from '../rule.ts'
import { ticketOffer } from '../socket.ts'
import { outcomeOf } from '../whole-stream.ts'

export const VIEW_RULES = rulesOf('flat', {
  'view=flat writes each event with its fields side by side': async (visit) => {
    const { executionId, events } = await visit.ended()
    const socket = await visit.plainSocket({ ...ticketOffer(await visit.ticket()), query: { view: 'flat' } })
    socket.send({ message_type: 'subscribe', id: 's1', payload: { channel: executionChannel(executionId) } })
    const came = await socket.received.until('the last event', (items) => {
      const flat = items.filter((item) => 'eventType' in Object(item))
      return flat.length >= events.length ? flat : undefined
    })
    equal(
      came,
      events.map((event) => flatEvent(event, outcomeOf(events))),
      'the events',
    )
  },

  '/ws/agent-stream/{id} sends the flat events of an execution at once': async (visit) => {
    const { executionId, events } = await visit.ended()
    const path = `/ws/agent-stream/${executionId}`
    const socket = await visit.plainSocket({ ...ticketOffer(await visit.ticket()), path })
    const came = await socket.received.until('the last event', (items) => {
      const flat = items.filter((item) => 'eventType' in Object(item))
      return flat.length >= events.length ? flat : undefined
    })
    equal(
      came,
      events.map((event) => flatEvent(event, outcomeOf(events))),
      'the events',
    )
  },

  'view=flat writes a message of a topic as topic_message': async (visit) => {
    const topic = visit.fresh('topic')
    const socket = await visit.plainSocket({ ...ticketOffer(await visit.ticket()), query: { view: 'flat' } })
    socket.send({ message_type: 'subscribe', id: 's1', payload: { channel: topicChannel(topic) } })
    await socket.received.until('subscription_confirmed', (items) =>
      items.find((item) => Object(item).message_type === 'subscription_confirmed'),
    )
    await visit.call('POST', `/v1/topics/${topic}/messages`, { body: { type: 'greeting', data: { text: 'Hi' } } })
    const message = await socket.received.until('topic_message', (items) =>
      items.map(Object).find(({ message_type }) => message_type === 'topic_message'),
    )
    const { topic: name, event_type, data, sequence } = message.payload
    equal(
      { name, event_type, data, sequence },
      { name: topic, event_type: 'greeting', data: { text: 'Hi' }, sequence: 0 },
      'the message',
    )
  },
})
