import { describe, expect, it } from 'vitest'
import { memoryLimits } from '#shared/limits/memory-limits.ts'
import { socketDoor } from '../../../helpers/socket-door.ts'

const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }
const cancel = { message_type: 'cancel', id: 'x', payload: { executionId: '019a0000-0000-7000-8000-000000000000' } }
const ask = { message_type: 'agent_request', id: 'x', payload: { agentId: 'nobody', input: { content: 'Hi' } } }

const codesOf = (frames: { payload: unknown }[]) => frames.map(({ payload }) => (payload as { code?: string }).code)

describe('rates', () => {
  it.each([
    ['cancel', cancel],
    ['agent_request', ask],
  ])('refuse a frame "%s" too many, with the time to wait', async (_, frame) => {
    const door = socketDoor({}, { requestsPerMinute: 1 })
    await door.open()

    const first = await door.send(frame)
    const second = await door.send(frame)

    expect(codesOf(first)).toEqual(['not_found'])
    expect(second).toEqual([
      {
        message_type: 'error',
        response_to: 'x',
        payload: {
          code: 'rate_limit',
          detail: '1 requests in 60 seconds are allowed to this principal',
          retryable: true,
          retryAfter: 60,
        },
      },
    ])
  })

  it('are not for frames that ask for no work', async () => {
    const door = socketDoor({}, { requestsPerMinute: 1 })
    await door.open()
    await door.send(cancel)

    const frames = [
      ...(await door.send({ message_type: 'ping' })),
      ...(await door.send({ message_type: 'subscribe', payload: { topic: 'news' } })),
    ]

    expect(frames.map(({ message_type }) => message_type)).toEqual(['pong', 'subscription_confirmed'])
  })

  it('refuse connections too many', async () => {
    const door = socketDoor({}, { requestsPerMinute: 1 })

    const first = await door.connect({ query: { ticket: await door.ticket() } })
    const second = await door.connect({ query: { ticket: await door.ticket() } }, 'c2')

    expect([first.statusCode, second.statusCode]).toEqual([200, 429])
  })
})

describe('a tenant that is being erased', () => {
  it('leaves no trace of who tried, whatever he may do', async () => {
    const limits = memoryLimits(clock)
    const door = socketDoor({ limits: async () => limits })
    await door.open()
    await limits.gate.close('acme')
    const ticket = await door.ticket({ scopes: [] })

    const { statusCode } = await door.connect({ query: { ticket, endpoint: 'health' } }, 'c2')
    await door.send(ask)
    await door.send(cancel)

    expect(statusCode).toBe(403)
    expect(door.auditLog.written).toEqual([])
  })

  it('gets no connection in, and no work done', async () => {
    const limits = memoryLimits(clock)
    const door = socketDoor({ limits: async () => limits })
    await door.open()
    await limits.gate.close('acme')

    const { statusCode } = await door.connect({ query: { ticket: await door.ticket() } }, 'c2')

    expect(statusCode).toBe(403)
    expect(codesOf(await door.send(ask))).toEqual(['forbidden'])
  })
})

describe('the quota of connections', () => {
  const full = { countSockets: async () => 1_000, maxSockets: 1_000 }

  it('refuses the handshake', async () => {
    const door = socketDoor({}, full)

    const { statusCode } = await door.connect({ query: { ticket: await door.ticket() } })

    expect(statusCode).toBe(429)
    expect(await door.dependencies.connections.get('c1')).toBeUndefined()
    expect(door.logger.lines).toMatchObject([{ code: 'request_refused', fields: { code: 'quota_exceeded' } }])
  })

  it('refuses who says who he is in a frame, and closes', async () => {
    const door = socketDoor({}, full)
    await door.connect({ query: { auth: 'frame' } })

    const frames = await door.send({ message_type: 'authenticate', payload: { ticket: await door.ticket() } })

    expect(codesOf(frames)).toContain('quota_exceeded')
    expect(door.poster.closed).toEqual(['c1'])
  })

  it('keeps nobody from prolonging a connection that he has', async () => {
    const door = socketDoor({}, full)
    await door.open()

    const frames = await door.send({ message_type: 'authenticate', payload: { ticket: await door.ticket() } })

    expect(frames.map(({ message_type }) => message_type)).toEqual(['authenticated'])
  })

  it('refuses nobody when there is no count', async () => {
    const door = socketDoor({}, { countSockets: async () => Promise.reject(new Error('no table')) })

    const { statusCode } = await door.connect({ query: { ticket: await door.ticket() } })

    expect(statusCode).toBe(200)
    expect(door.logger.lines).toMatchObject([{ level: 'warn', code: 'quota_open', fields: { tenant: 'acme' } }])
  })
})
