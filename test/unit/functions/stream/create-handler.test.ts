import { PassThrough, type Writable } from 'node:stream'
import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { memoryTicketStore } from '#shared/access/memory-ticket-store.ts'
import { SCOPES } from '#shared/access/principal.ts'
import { issueTicket } from '#shared/access/tickets.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { executionChannel, topicChannel } from '#shared/protocol/channel.ts'
import { createHandler } from '../../../../functions/stream/create-handler.ts'
import type { ResponseHead } from '../../../../functions/stream/streaming-handler.ts'
import { answer, topicEvent } from '../../../helpers/execution-events.ts'
import { aLease, anExecution, memoryWorld } from '../../../helpers/executions.ts'

const TENANT = 'acme'

type Request = { path?: string; query?: Record<string, string>; headers?: Record<string, string>; method?: string; ms?: number }

/** The function over memory, as one caller sees it. */
function streamDoor() {
  const { log: streamLog, executions } = memoryWorld()
  const clock = systemClock
  const tickets = memoryTicketStore()
  const logger = memoryLog()
  const heads: ResponseHead[] = []
  const startResponse = (response: Writable, head: ResponseHead): Writable => {
    heads.push(head)
    return response
  }
  const handler = createHandler({ streamLog, clock, tickets, executions, logger, startResponse })
  const ref = { tenant: TENANT, channel: executionChannel('e1') }

  return {
    heads,
    logger,
    streamLog,
    tickets,
    ref,
    async ticket(principal: Partial<VerifiedPrincipal> = {}) {
      const ann = { subject: 'ann', tenant: TENANT, scopes: SCOPES, expiresAt: clock.now() + 60_000 }
      return (await issueTicket({ ...ann, ...principal }, { tickets, clock })).ticket
    },
    async withExecution(events = answer(['Hel', 'lo'])) {
      await executions.create(anExecution({ tenant: TENANT, executionId: 'e1' }), 0)
      for (const event of events) await streamLog.append(ref, [event])
    },
    async end() {
      const key = { tenant: TENANT, executionId: 'e1', agentId: 'assistant' }
      await executions.acquire(key, aLease('w', 0))
      await executions.end(key, 1, { status: 'completed', events: answer(['Hello']).slice(2), endedAt: '2026-11-21T09:30:00Z' })
    },
    open(request: Request) {
      const response = new PassThrough()
      const context = { awsRequestId: 'req-1', getRemainingTimeInMillis: () => request.ms ?? 900_000 }
      const done = handler(functionUrlEvent(request), response, context)
      return { response, done }
    },
    async get(request: Request) {
      const { response, done } = this.open(request)
      const text = await response.setEncoding('utf8').toArray()
      await done
      return { head: heads.at(-1), text: text.join('') }
    },
  }
}

function functionUrlEvent({
  path = '/streams/executions/e1',
  query = {},
  headers = {},
  method = 'GET',
}: Request): LambdaFunctionURLEvent {
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' }
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers,
    queryStringParameters: query,
    isBase64Encoded: false,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'url',
      domainName: 'url.test',
      domainPrefix: 'url',
      http,
      requestId: 'url-1',
      routeKey: '$default',
      stage: '$default',
      time: '21/Nov/2026:09:30:00 +0000',
      timeEpoch: 0,
    },
  }
}

const ids = (text: string): string[] => [...text.matchAll(/^id: (.*)$/gm)].map(([, id = '']) => id)

/** Reads until the text that came so far holds `needle`. */
async function readUntil(response: PassThrough, needle: string): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response.iterator({ destroyOnReturn: false })) {
    text += chunk
    if (text.includes(needle)) return text
  }
  throw new Error(`the stream ended without ${needle}: ${text}`)
}

describe('the function "stream"', () => {
  it('streams an execution from its start to its terminal event', async () => {
    const door = streamDoor()
    await door.withExecution()

    const { head, text } = await door.get({ query: { ticket: await door.ticket() } })

    const [first] = answer(['Hel', 'lo'])
    expect(head).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
    expect(text).toMatch(/^: keep-alive\n\nid: 0\nevent: started\ndata: /)
    expect(text).toContain(`id: 0\nevent: started\ndata: ${JSON.stringify(first)}\n\n`)
    expect(text).toMatch(/id: 3\nevent: completed\ndata: \{.*\}\n\n$/)
    expect(ids(text)).toEqual(['0', '1', '2', '3'])
  })

  it.each([
    [{ query: { after: '1' } }, ['2', '3']],
    [{ query: { after: '-1' } }, ['0', '1', '2', '3']],
    [{ headers: { 'last-event-id': '2' }, query: { after: '0' } }, ['3']],
    [{ headers: { 'last-event-id': '' }, query: { after: '2' } }, ['3']],
  ])('goes on behind the cursor of %j', async ({ query = {}, headers = {} }: { query?: object; headers?: object }, expected) => {
    const door = streamDoor()
    await door.withExecution()

    const { text } = await door.get({ query: { ...query, ticket: await door.ticket() }, headers: { ...headers } })

    expect(ids(text)).toEqual(expected)
  })

  it('sends what is appended while it is open', async () => {
    const door = streamDoor()
    const [first, second, third] = answer(['Hello'])
    if (!first || !second || !third) throw new Error('an answer has three events here')
    await door.withExecution([first])
    const { response, done } = door.open({ query: { ticket: await door.ticket() } })

    await readUntil(response, 'id: 0')
    await door.streamLog.append(door.ref, [second])
    await readUntil(response, 'id: 1')
    await door.streamLog.append(door.ref, [third])
    await readUntil(response, 'id: 2')

    await done
    expect(response.writableEnded).toBe(true)
  })

  it('ends at once when the caller has everything of an execution that has ended', async () => {
    const door = streamDoor()
    await door.withExecution(answer(['Hello']).slice(0, 2))
    await door.end()

    const { text } = await door.get({ query: { ticket: await door.ticket(), after: '2' } })

    expect(text).toBe(': keep-alive\n\n')
  })

  it('streams a topic from now on', async () => {
    const door = streamDoor()
    const ref = { tenant: TENANT, channel: topicChannel('news') }
    await door.streamLog.append(ref, [topicEvent(0, 'old')])
    const { response, done } = door.open({ path: '/streams/topics/news', query: { ticket: await door.ticket() } })

    await readUntil(response, 'keep-alive')
    await door.streamLog.append(ref, [topicEvent(1, 'new')])
    const text = await readUntil(response, '\n\n')

    expect(text).toMatch(/^id: 1\nevent: message\ndata: /)
    response.destroy()
    await done
  })

  it('stops when the caller goes away', async () => {
    const door = streamDoor()
    await door.withExecution([])
    const { response, done } = door.open({ query: { ticket: await door.ticket() } })
    await readUntil(response, 'keep-alive')

    response.destroy()

    await expect(done).resolves.toBeUndefined()
    expect(door.logger.lines).toEqual([])
  })

  it('ends in order before the time of the function is up', async () => {
    const door = streamDoor()
    await door.withExecution(answer(['Hel', 'lo']).slice(0, 2))

    const { text } = await door.get({ query: { ticket: await door.ticket() }, ms: 5_100 })

    expect(ids(text)).toEqual(['0', '1'])
    expect(door.logger.lines).toEqual([])
  })

  it('waits for a slow caller', async () => {
    const door = streamDoor()
    await door.withExecution(answer(Array.from({ length: 500 }, () => 'x'.repeat(100))))

    const { text } = await door.get({ query: { ticket: await door.ticket() } })

    expect(ids(text)).toHaveLength(502)
  })

  it('ends a stream that has begun when the log fails, and logs it', async () => {
    const door = streamDoor()
    await door.withExecution([])
    door.streamLog.read = () => Promise.reject(new Error('table is gone'))

    const { head, text } = await door.get({ query: { ticket: await door.ticket() } })

    expect(head?.statusCode).toBe(200)
    expect(text).toBe(': keep-alive\n\n')
    expect(door.logger.lines).toMatchObject([{ level: 'error', code: 'request_failed', fields: { requestId: 'req-1' } }])
  })

  describe('refuses', () => {
    it.each([
      ['no ticket', {}, 401, 'unauthorized'],
      ['a ticket that is none', { query: { ticket: 'x'.repeat(43) } }, 401, 'unauthorized'],
      ['another path', { path: '/streams/agents/a1' }, 404, 'not_found'],
      ['a path below', { path: '/streams/executions/e1/x' }, 404, 'not_found'],
      ['an id that is none', { path: '/streams/executions/e%201' }, 404, 'not_found'],
      ['another method', { method: 'POST' }, 405, 'method_not_allowed'],
      ['a cursor that is none', { query: { after: 'x' } }, 422, 'validation_error'],
      ['a cursor below -1', { headers: { 'last-event-id': '-2' } }, 422, 'validation_error'],
    ])('%s', async (_, request, status, code) => {
      const door = streamDoor()
      await door.withExecution()

      const { head, text } = await door.get(request)

      expect(head).toMatchObject({ statusCode: status, headers: { 'content-type': 'application/problem+json' } })
      expect(JSON.parse(text)).toMatchObject({ status, code, requestId: 'req-1' })
      expect(door.logger.lines).toMatchObject([{ level: 'info', code: 'request_refused' }])
    })

    it('a ticket that was used', async () => {
      const door = streamDoor()
      await door.withExecution()
      const ticket = await door.ticket()
      await door.get({ query: { ticket } })

      expect((await door.get({ query: { ticket } })).head?.statusCode).toBe(401)
    })

    it.each([
      ['executions', '/streams/executions/e1', ['topics:read']],
      ['topics', '/streams/topics/news', ['executions:read']],
    ] as const)('%s without their scope', async (_, path, scopes) => {
      const door = streamDoor()
      await door.withExecution()

      expect((await door.get({ path, query: { ticket: await door.ticket({ scopes }) } })).head?.statusCode).toBe(403)
    })

    it('what belongs to another tenant as if it did not exist', async () => {
      const door = streamDoor()
      await door.withExecution()

      const foreign = await door.get({ query: { ticket: await door.ticket({ tenant: 'other' }) } })
      const missing = await door.get({ path: '/streams/executions/e2', query: { ticket: await door.ticket() } })

      expect(foreign.head?.statusCode).toBe(404)
      expect(missing.head?.statusCode).toBe(404)
      expect(foreign.text.replaceAll('e1', 'e2')).toBe(missing.text)
    })

    it('everything when a store fails, without a word about why', async () => {
      const door = streamDoor()
      door.tickets.take = () => Promise.reject(new Error('table sluice-streams is gone'))

      const { head, text } = await door.get({ query: { ticket: 'x'.repeat(43) } })

      expect(head?.statusCode).toBe(500)
      expect(text).not.toContain('sluice-streams')
      expect(door.logger.lines).toMatchObject([{ level: 'error', code: 'request_failed' }])
    })
  })
})
