import { flatEvent } from '#shared/protocol/flat-event.ts'
import { eventsIn, follow, refused } from '../follow.ts'
import { equal, must, rulesOf, shown } from '../rule.ts'
import { ticketOffer } from '../socket.ts'
import { outcomeOf, wholeStream } from '../whole-stream.ts'

export const SSE_RULES = rulesOf('sse', {
  'id is the sequence, event the type, data the event, and the stream ends after the terminal event': async (visit) => {
    const stream = await follow(visit, await visit.ask())
    equal(stream.status, 200, 'the status')
    must(stream.contentType.startsWith('text/event-stream'), `the content type is ${stream.contentType}`)
    const blocks = await stream.all()
    const events = eventsIn(blocks)
    wholeStream(events)
    const named = events.map(({ sequence, type }) => ({ id: String(sequence), event: type }))
    equal(
      blocks.map(({ id, event }) => ({ id, event })),
      named,
      'id and event of the blocks',
    )
  },

  'Last-Event-ID takes precedence over after': async (visit) => {
    const { executionId, events } = await visit.ended()
    const stream = await follow(visit, executionId, { query: { after: 0 }, headers: { 'last-event-id': '2' } })
    equal(eventsIn(await stream.all()), events.slice(3), 'what comes behind 2')
  },

  'who has everything is answered with 204, after which an EventSource stays away': async (visit) => {
    const { executionId, events } = await visit.ended()
    const stream = await follow(visit, executionId, { query: { after: events.length - 1 } })
    equal(stream.status, 204, 'the status')
  },

  'a comment comes at least every fifteen seconds': async (visit) => {
    const stream = await visit.stream(`/streams/topics/${visit.fresh('silent')}`, { headers: await visit.withTicket() })
    const before = await stream.blocks.until('the first block', (blocks) => (blocks.length > 0 ? blocks.length : undefined))
    const began = Date.now()
    await stream.blocks.until('a comment', (blocks) => blocks.slice(before).find(({ comment }) => comment !== undefined))
    const silence = Date.now() - began
    must(silence <= visit.silenceMs, `it came after ${silence} ms`)
  },

  'retry tells an EventSource when to come back': async (visit) => {
    const stream = await visit.stream(`/streams/topics/${visit.fresh('silent')}`, { headers: await visit.withTicket() })
    const { retry } = await stream.blocks.until('retry', (blocks) => blocks.find((block) => block.retry !== undefined))
    must(/^\d+$/.test(retry ?? ''), `it is ${shown(retry)}`)
  },

  '/streams/events tells the facts, of one type where asked': async (visit) => {
    const query = { type: 'execution.completed' }
    const stream = await visit.stream('/streams/events', { query, headers: await visit.withTicket() })
    const executionId = await visit.ask()
    const facts = await stream.blocks.until('execution.completed', (blocks) => {
      const events = blocks.flatMap(({ data }) => (data === undefined ? [] : [JSON.parse(data)]))
      return events.some((event) => event.data?.data?.executionId === executionId) ? events : undefined
    })
    equal([...new Set(facts.map(({ type, data }) => `${type} ${data.type}`))], ['lifecycle execution.completed'], 'the types')
  },

  '/agent-stream/{id} writes flat events without a name': async (visit) => {
    const { executionId, events } = await visit.ended()
    const stream = await visit.stream(`/agent-stream/${executionId}`, { headers: await visit.withTicket() })
    const blocks = await stream.all()
    must(
      blocks.every(({ event }) => event === undefined),
      'an event has a name, so onmessage does not get it',
    )
    const flat = blocks.map(({ data = '' }) => JSON.parse(data))
    equal(
      flat,
      events.map((event) => flatEvent(event, outcomeOf(events))),
      'the events',
    )
  },

  'snapshot=true sends packed events that say the same': async (visit) => {
    const { executionId, events } = await visit.ended()
    const packed = eventsIn(await (await follow(visit, executionId, { query: { snapshot: 'true' } })).all())
    equal(wholeStream(packed), wholeStream(events), 'the text')
    must(packed.length < events.length, `${packed.length} events came for ${events.length}: nothing is packed`)
  },

  'a ticket opens one path, and that one again, and nothing else': async (visit) => {
    const { executionId, events } = await visit.ended()
    const other = await visit.ask()
    const ticket = await visit.ticket()
    for (const _time of ['first', 'second']) {
      const stream = await visit.stream(`/streams/executions/${executionId}`, { query: { ticket } })
      equal(eventsIn(await stream.all()).length, events.length, 'the number of events')
    }
    refused(await visit.stream(`/streams/executions/${other}`, { query: { ticket } }), 401, 'unauthorized', 'another path')
    const { status } = await visit.handshake(ticketOffer(ticket))
    equal(status, 401, 'the status of a handshake with the same ticket')
  },

  'a token is taken in x-sluice-authorization': async (visit) => {
    const { executionId, events } = await visit.ended()
    const headers = { 'x-sluice-authorization': `Bearer ${await visit.token()}` }
    const stream = await visit.stream(`/streams/executions/${executionId}`, { headers })
    equal(eventsIn(await stream.all()), events, 'the events')
  },

  'what is refused is problem+json with a stable code': async (visit) => {
    const { executionId } = await visit.ended()
    const path = `/streams/executions/${executionId}`
    refused(await visit.stream(path, {}), 401, 'unauthorized', 'no ticket')
    refused(await visit.stream(path, { query: { ticket: 'x'.repeat(43) } }), 401, 'unauthorized', 'a ticket that nobody issued')
    refused(await follow(visit, visit.fresh('none')), 404, 'not_found', 'an execution that does not exist')
    refused(await follow(visit, executionId, { query: { after: 'first' } }), 422, 'validation_error', 'a cursor that is none')
    const last = { headers: { 'last-event-id': 'x' } }
    refused(await follow(visit, executionId, last), 422, 'validation_error', 'a Last-Event-ID that is none')
  },
})
