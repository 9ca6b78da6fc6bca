import { SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import { equal, must, rulesOf, shown } from '../rule.ts'
import { frameSocket, ticketOffer } from '../socket.ts'

const NO_TICKET = 'x'.repeat(43)

export const CONNECT_RULES = rulesOf('connect', {
  'the server echoes sluice.v1 and never the ticket': async (visit) => {
    const socket = await visit.plainSocket(ticketOffer(await visit.ticket()))
    equal(socket.protocol, SOCKET_SUBPROTOCOL, 'the subprotocol')
  },

  'a ticket may stand in the query, a token in the header Authorization': async (visit) => {
    await visit.plainSocket({ query: { ticket: await visit.ticket() } })
    await visit.plainSocket({ headers: { authorization: `Bearer ${await visit.token()}` } })
  },

  'without a valid ticket or token the handshake is answered with 401': async (visit) => {
    const offers = {
      'no credentials': { protocols: [SOCKET_SUBPROTOCOL] },
      'a ticket that nobody issued': ticketOffer(NO_TICKET),
      'a ticket in the query that nobody issued': { query: { ticket: NO_TICKET } },
      'a token that nobody signed': { headers: { authorization: 'Bearer e30.e30.e30' } },
    }
    for (const [what, offer] of Object.entries(offers)) {
      const { status } = await visit.handshake(offer)
      equal(status, 401, `the status of a handshake with ${what}`)
    }
  },

  'a ticket opens one connection, once': async (visit) => {
    const offer = ticketOffer(await visit.ticket())
    await visit.plainSocket(offer)
    const { status } = await visit.handshake(offer)
    equal(status, 401, 'the status of the second handshake with a ticket')
  },

  'connection_established comes before the answer to the first frame, once': async (visit) => {
    const socket = await visit.socket()
    await socket.ask(
      { message_type: 'unsubscribe', id: 'first', payload: { topic: visit.fresh('topic') } },
      'unsubscription_confirmed',
    )
    await socket.ask(
      { message_type: 'unsubscribe', id: 'second', payload: { topic: visit.fresh('topic') } },
      'unsubscription_confirmed',
    )
    const types = socket.frames().map((frame) => frame.message_type)
    equal(types, ['connection_established', 'unsubscription_confirmed', 'unsubscription_confirmed'], 'what the server has sent')
    equal(socket.frames()[0]?.payload, { ...socket.frames()[0]?.payload, protocol: SOCKET_SUBPROTOCOL }, 'the greeting')
  },

  'authenticate with a ticket of the same caller prolongs the connection': async (visit) => {
    const socket = await visit.socket()
    const payload = { ticket: await visit.ticket() }
    const { expiresAt } = await socket.ask({ message_type: 'authenticate', id: 'again', payload }, 'authenticated')
    must(Date.parse(expiresAt) > Date.now(), `expiresAt is ${expiresAt}, which is over`)
    const { status } = await visit.handshake(ticketOffer(payload.ticket))
    equal(status, 401, 'the status of a handshake with the ticket that authenticate used up')
  },

  'authenticate with a ticket that nobody issued is answered with unauthorized': async (visit) => {
    const socket = await visit.socket()
    socket.send({ message_type: 'authenticate', id: 'bad', payload: { ticket: NO_TICKET } })
    const { payload } = await socket.answer('error', 'bad')
    equal(payload.code, 'unauthorized', 'the code')
  },

  'a connection with auth=frame must authenticate first; frames before are refused': async (visit) => {
    const socket = frameSocket(await visit.plainSocket({ protocols: [SOCKET_SUBPROTOCOL], query: { auth: 'frame' } }))
    socket.send({ message_type: 'subscribe', id: 'early', payload: { topic: visit.fresh('topic') } })
    const { payload } = await socket.answer('error', 'early')
    equal(payload.code, 'unauthorized', 'the code of a frame before authenticate')

    // Asked for first: there are five seconds.
    const ticket = await visit.ticket()
    const other = frameSocket(await visit.plainSocket({ protocols: [SOCKET_SUBPROTOCOL], query: { auth: 'frame' } }))
    await other.ask({ message_type: 'authenticate', id: 'who', payload: { ticket } }, 'authenticated')
    await other.ask({ message_type: 'subscribe', id: 'late', payload: { topic: visit.fresh('topic') } }, 'subscription_confirmed')
  },

  'a connection with auth=frame that stays silent is closed after five seconds': async (visit) => {
    const socket = await visit.plainSocket({ protocols: [SOCKET_SUBPROTOCOL], query: { auth: 'frame' } })
    await socket.closed()
  },

  'an unknown endpoint is refused at the handshake': async (visit) => {
    const { status } = await visit.handshake({ ...ticketOffer(await visit.ticket()), query: { endpoint: visit.fresh('none') } })
    must(status >= 400 && status < 500, `the status is ${status}`)
  },

  'endpoint=health subscribes to health_events and alerts': async (visit) => {
    const socket = await visit.socket({ query: { endpoint: 'health' } })
    const channels = await socket.until('two subscriptions', (frames) => {
      const confirmed = frames.filter((frame) => frame.message_type === 'subscription_confirmed')
      return confirmed.length >= 2 ? confirmed.map(({ payload }) => payload.channel) : undefined
    })
    equal(channels.toSorted(), ['topic:alerts', 'topic:health_events'], 'the channels')
  },

  'executionId and after in the query subscribe to an execution at once': async (visit) => {
    const { executionId, events } = await visit.ended()
    const socket = await visit.socket({ query: { executionId, after: '1' } })
    const { payload } = await socket.answer('subscription_confirmed')
    equal(
      { channel: payload.channel, after: payload.after },
      { channel: `execution:${executionId}`, after: 1 },
      'the subscription',
    )
    const came = await socket.untilEvents(payload.subscription, events.length)
    must(came.length === events.length - 2, `${came.length} events came instead of ${events.length - 2}: ${shown(came[0])}`)
  },
})
