import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { functionUrlEvent } from '../../../localstack/front-door/function-url/event.ts'

const NOW = Date.UTC(2026, 10, 21, 9, 30)

function aRequest(overrides: Partial<IncomingMessage> = {}): IncomingMessage {
  return {
    method: 'GET',
    url: '/streams/executions/1',
    httpVersion: '1.1',
    headers: { host: 'localhost:8787', 'user-agent': 'test' },
    socket: { remoteAddress: '127.0.0.1' },
    ...overrides,
  } as IncomingMessage
}

describe('functionUrlEvent', () => {
  it('has the request in its context', () => {
    const event = functionUrlEvent(aRequest(), Buffer.alloc(0), NOW)

    expect(event).toMatchObject({ version: '2.0', rawPath: '/streams/executions/1', rawQueryString: '', isBase64Encoded: false })
    expect(event.requestContext.http).toEqual({
      method: 'GET',
      path: '/streams/executions/1',
      protocol: 'HTTP/1.1',
      sourceIp: '127.0.0.1',
      userAgent: 'test',
    })
    expect(event.requestContext.timeEpoch).toBe(NOW)
    expect(event).not.toHaveProperty('body')
    expect(event).not.toHaveProperty('queryStringParameters')
    expect(event).not.toHaveProperty('cookies')
  })

  it('decodes parameters and joins repeated ones', () => {
    const event = functionUrlEvent(aRequest({ url: '/streams/x?ticket=a%20b&after=-1&tag=1&tag=2' }), Buffer.alloc(0), NOW)

    expect(event.rawQueryString).toBe('ticket=a%20b&after=-1&tag=1&tag=2')
    expect(event.queryStringParameters).toEqual({ ticket: 'a b', after: '-1', tag: '1,2' })
  })

  it('takes cookies out of the headers', () => {
    const event = functionUrlEvent(aRequest({ headers: { host: 'x', cookie: 'a=1; b=2' } }), Buffer.alloc(0), NOW)

    expect(event.cookies).toEqual(['a=1', 'b=2'])
    expect(event.headers).toEqual({ host: 'x' })
  })

  it('passes texts as they are and encodes everything else', () => {
    const json = functionUrlEvent(
      aRequest({ headers: { 'content-type': 'application/problem+json' } }),
      Buffer.from('{"ä":1}'),
      NOW,
    )
    const bytes = functionUrlEvent(
      aRequest({ headers: { 'content-type': 'application/octet-stream' } }),
      Buffer.from([0, 255]),
      NOW,
    )

    expect(json).toMatchObject({ body: '{"ä":1}', isBase64Encoded: false })
    expect(bytes).toMatchObject({ body: 'AP8=', isBase64Encoded: true })
  })
})
