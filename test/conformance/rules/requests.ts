import { executionChannel } from '#shared/protocol/channel.ts'
import { equal, must, rulesOf, shown } from '../rule.ts'
import type { Visit } from '../visit.ts'
import { keptText, wholeStream } from '../whole-stream.ts'

const request = ({ agentId, question }: Visit, id: string, more: Record<string, unknown> = {}) => ({
  message_type: 'agent_request',
  id,
  payload: { agentId, input: { content: question }, ...more },
})

export const REQUEST_RULES = rulesOf('requests', {
  'agent_request is accepted, followed from its start, and answered with agent_response': async (visit) => {
    const socket = await visit.socket()
    const { executionId } = await socket.ask(request(visit, 'r1'), 'agent_request_accepted')
    const { payload: confirmed } = await socket.answer('subscription_confirmed', 'r1')
    equal(confirmed.channel, executionChannel(executionId), 'the channel')
    const { payload: response } = await socket.answer('agent_response', 'r1')
    const events = socket.eventsOf(confirmed.subscription)
    const text = wholeStream(events)
    const { status, output, events: count } = response
    equal(
      { executionId: response.executionId, status, text: output?.text, count },
      { executionId, status: 'completed', text, count: events.length },
      'agent_response',
    )
    const types = socket.frames().map((frame) => frame.message_type)
    equal(types.at(-1), 'agent_response', 'the last frame')
  },

  'agent_request takes query instead of input': async (visit) => {
    const socket = await visit.socket()
    const { agentId, question } = visit
    const payload = { query: question, agentId, parameters: { tone: 'plain' } }
    await socket.ask({ message_type: 'agent_request', id: 'q1', payload }, 'agent_request_accepted')
    const { payload: response } = await socket.answer('agent_response', 'q1')
    equal(response.status, 'completed', 'the status')
  },

  'a request with a known idempotencyKey answers the execution that the first one made': async (visit) => {
    const socket = await visit.socket()
    const more = { idempotencyKey: visit.fresh('key'), subscribe: false }
    const first = await socket.ask(request(visit, 'i1', more), 'agent_request_accepted')
    const second = await socket.ask(request(visit, 'i2', more), 'agent_request_accepted')
    equal(second.executionId, first.executionId, 'the second execution')
  },

  'agent_request with subscribe false is not followed': async (visit) => {
    const socket = await visit.socket()
    const { executionId } = await socket.ask(request(visit, 'n1', { subscribe: false }), 'agent_request_accepted')
    const stream = await visit.stream(`/streams/executions/${executionId}`, { headers: await visit.withTicket() })
    await stream.all()
    await socket.ask({ message_type: 'unsubscribe', id: 'u1', payload: { topic: 'nothing' } }, 'unsubscription_confirmed')
    const types = socket.frames().map((frame) => frame.message_type)
    equal(types, ['connection_established', 'agent_request_accepted', 'unsubscription_confirmed'], 'what the server has sent')
  },

  'cancel is accepted, and the stream ends with cancelled and what was said so far': async (visit) => {
    const socket = await visit.socket()
    const asked = request({ ...visit, question: visit.longQuestion }, 'r1')
    const { executionId } = await socket.ask(asked, 'agent_request_accepted')
    const { payload: confirmed } = await socket.answer('subscription_confirmed', 'r1')
    // Some text is there by then.
    await socket.untilEvents(confirmed.subscription, 4)
    const { status } = await socket.ask({ message_type: 'cancel', id: 'c1', payload: { executionId } }, 'cancel_accepted')
    must(status === 'cancelled' || status === 'running', `the status is ${status}`)
    const events = await socket.untilEvents(confirmed.subscription, Number.POSITIVE_INFINITY)
    wholeStream(events)
    equal(events.at(-1)?.type, 'cancelled', 'the terminal event')
    const { body } = await visit.call('GET', `/v1/executions/${executionId}`)
    equal(body.status, 'cancelled', 'the status of the execution')
    const output = body.output as { text?: string } | undefined
    equal(output?.text ?? '', keptText(events), 'the text that is kept')
  },

  'cancel of what does not exist is not_found': async (visit) => {
    const socket = await visit.socket()
    socket.send({ message_type: 'cancel', id: 'c1', payload: { executionId: visit.fresh('none') } })
    const { payload } = await socket.answer('error', 'c1')
    equal(payload.code, 'not_found', 'the code')
  },

  'agent_request to an agent that does not exist is not_found': async (visit) => {
    const socket = await visit.socket()
    socket.send({ message_type: 'agent_request', id: 'r1', payload: { agentId: visit.fresh('none'), input: { content: 'Hi' } } })
    const { payload } = await socket.answer('error', 'r1')
    equal(payload.code, 'not_found', `the code in ${shown(payload)}`)
  },
})
