import { executionChannel, topicChannel } from '#shared/protocol/channel.ts'
import { flatEvent, flatEventSchema } from '#shared/protocol/flat-event.ts'
import { equal, must, rulesOf, shown } from '../rule.ts'
import { ticketOffer } from '../socket.ts'
import { keptText } from '../whole-stream.ts'

export const VIEW_RULES = rulesOf('flat', {
  'view=flat writes each event with its fields side by side': async (visit) => {
    const { executionId, events } = await visit.ended()
    const socket = await visit.plainSocket({ ...ticketOffer(await visit.ticket()), query: { view: 'flat' } })
    socket.send({ message_type: 'subscribe', id: 's1', payload: { channel: executionChannel(executionId) } })
    const came = await socket.received.until('the last event', (items) => {
      const flat = items.filter((item) => 'eventType' in Object(item))
      return flat.length >= events.length ? flat : undefined
    })
    for (const event of came) must(flatEventSchema.safeParse(event).success, `${shown(event)} is no flat event`)
    const text = keptText(events)
    const named = (event: object) => ({ sequence: 0, eventType: '', content: null, final_response: null, ...picked(event) })
    equal(
      came.map((event) => named(Object(event))),
      events.map((event) => named(flatEvent(event, { text }))),
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

/** Fields whose value the other transports tell. */
function picked(event: object): object {
  const names = ['sequence', 'eventType', 'content', 'final_response', 'executionId', 'attempt', 'timestamp']
  return Object.fromEntries(Object.entries(event).filter(([name]) => names.includes(name)))
}
