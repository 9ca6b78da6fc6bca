import { KEEP_ALIVE_PING } from '#shared/protocol/keep-alive.ts'
import { equal, must, rulesOf, shown } from '../rule.ts'

/** API Gateway's own limit is 32 KB; nothing larger reaches a handler. */
const TOO_LARGE = 40 * 1024

export const FRAME_RULES = rulesOf('frames', {
  'ping is answered with pong, whatever its id': async (visit) => {
    const socket = await visit.socket()
    for (const id of [KEEP_ALIVE_PING.id, 'another']) {
      socket.send({ ...KEEP_ALIVE_PING, id })
      await socket.answer('pong', id)
    }
  },

  'a broadcast reaches every connection of the tenant that is counted': async (visit) => {
    const sockets = [await visit.socket(), await visit.socket()]
    const broadcast = async (data: object): Promise<void> => {
      const { status } = await visit.call('POST', '/realtime/broadcast', { body: { data } })
      equal(status, 202, 'the status of POST /realtime/broadcast')
    }
    // A connection is counted a moment after it has opened: from then on nothing passes it by.
    const first = { notice: visit.fresh('notice') }
    while (!sockets.every((socket) => socket.heard(first))) {
      await broadcast(first)
      await visit.pauseFor('the broadcast', 500)
    }
    const second = { notice: visit.fresh('notice') }
    await broadcast(second)
    for (const socket of sockets) await socket.untilBroadcast(second)
  },

  'a text that is not JSON is answered with validation_error, and the connection goes on': async (visit) => {
    const socket = await visit.socket()
    socket.send('{"message_type": "subscribe"')
    const { payload, response_to } = await socket.answer('error')
    equal(
      { ...payload, detail: '', response_to },
      { code: 'validation_error', detail: '', retryable: false, response_to: undefined },
      'the error',
    )
    await socket.ask({ message_type: 'unsubscribe', id: 'u1', payload: { topic: 'nothing' } }, 'unsubscription_confirmed')
  },

  'a frame that nobody knows is answered with validation_error and its id': async (visit) => {
    const socket = await visit.socket()
    const frames = [
      { message_type: 'shout', id: 'unknown type', payload: {} },
      { message_type: 'subscribe', id: 'no channel', payload: {} },
      { message_type: 'subscribe', id: 'two channels', payload: { channel: 'all', topic: 'news' } },
      { message_type: 'subscribe', id: 'unknown channel', payload: { channel: 'planet:earth' } },
      { message_type: 'subscribe', id: 'no cursor', payload: { topic: 'news', after: 'yesterday' } },
      { message_type: 'subscribe', id: 'unknown field', payload: { topic: 'news', since: 1 } },
      { message_type: 'agent_request', id: 'no input', payload: { agentId: visit.agentId } },
    ]
    for (const frame of frames) {
      socket.send(frame)
      const { payload } = await socket.answer('error', frame.id)
      equal(payload.code, 'validation_error', `the code for ${shown(frame)}`)
      must(payload.detail.length > 0, 'it has no detail')
    }
  },

  'a frame of more than 32 KB is refused, by an error or by the close 1009': async (visit) => {
    const socket = await visit.socket()
    socket.send({ message_type: 'ping', id: 'large', payload: { padding: 'x'.repeat(TOO_LARGE) } })
    const answer = socket.until('an answer', (frames) =>
      frames.find(({ message_type }) => message_type !== 'connection_established'),
    )
    const refused = await answer.then(
      ({ message_type }) => message_type,
      async () => socket.closed(),
    )
    must(refused === 'error' || refused === 1009, `it is answered with ${refused}`)
  },
})
