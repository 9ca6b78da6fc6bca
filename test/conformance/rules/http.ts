import { equal, must, rulesOf, shown } from '../rule.ts'
import type { Answer } from '../visit.ts'
import { wholeStream } from '../whole-stream.ts'

/** RFC 9457, and the protocol's own `code`. */
function problem({ status, contentType, body }: Answer, expected: { status: number; code: string }, what: string): void {
  must(contentType.startsWith('application/problem+json'), `${what} is answered with ${contentType}`)
  equal({ status, code: body.code, inBody: body.status }, { ...expected, inBody: expected.status }, what)
  must(typeof body.title === 'string' && typeof body.detail === 'string', `${what} lacks title or detail: ${shown(body)}`)
}

export const HTTP_RULES = rulesOf('http', {
  'the pages of an execution, of whatever size, are its whole stream': async (visit) => {
    const { executionId, events } = await visit.ended()
    wholeStream(events)
    equal(await visit.eventsOf(executionId, -1, 3), events, 'the stream in pages of three')
  },

  'every call without a valid token is 401 unauthorized': async (visit) => {
    for (const token of [null, 'e30.e30.e30']) {
      for (const path of ['/v1/agents', `/v1/executions/${visit.fresh('none')}`])
        problem(await visit.call('GET', path, { token }), { status: 401, code: 'unauthorized' }, `GET ${path}`)
    }
  },

  'errors are problem+json with a stable code': async (visit) => {
    const none = visit.fresh('none')
    const calls: [string, string, number, string, unknown?][] = [
      ['GET', `/v1/executions/${none}`, 404, 'not_found'],
      ['GET', `/v1/executions/${none}/events`, 404, 'not_found'],
      ['GET', `/v1/agents/${none}`, 404, 'not_found'],
      ['POST', '/v1/executions', 422, 'validation_error', { agentId: visit.agentId }],
      ['POST', '/v1/executions', 422, 'validation_error', '{"agentId":'],
      ['POST', '/v1/executions', 404, 'not_found', { agentId: none, input: { content: 'Hi' } }],
      ['DELETE', '/v1/executions', 405, 'method_not_allowed'],
    ]
    for (const [method, path, status, code, body] of calls) {
      const answer = await visit.call(method, path, { body })
      problem(answer, { status, code }, `${method} ${path} with ${shown(body ?? null)}`)
    }
  },

  'a rejected field is named in errors': async (visit) => {
    const { body } = await visit.call('POST', '/v1/executions', { body: { agentId: visit.agentId, input: {}, priority: 99 } })
    const [first] = Array.isArray(body.errors) ? body.errors : []
    equal(first?.path, 'priority', 'the path')
  },

  'the same Idempotency-Key gives the first answer again, with another body 409 conflict': async (visit) => {
    const { agentId, question } = visit
    const headers = { 'idempotency-key': visit.fresh('key') }
    const ask = (content: string) => visit.call('POST', '/v1/executions', { headers, body: { agentId, input: { content } } })
    const [first, again] = [await ask(question), await ask(question)]
    equal([first.status, again.status], [202, 202], 'the statuses')
    equal(again.body.executionId, first.body.executionId, 'the second execution')
    problem(await ask(`${question} Another one.`), { status: 409, code: 'conflict' }, 'another body')
  },
})
