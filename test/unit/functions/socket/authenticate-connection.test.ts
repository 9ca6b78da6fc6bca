import { describe, expect, it } from 'vitest'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { anExecution } from '../../../helpers/executions.ts'
import { socketDoor } from '../../../helpers/socket-door.ts'

const TOKEN_END = Date.parse('2026-11-21T10:30:00Z')
const LATER = TOKEN_END + 3_600_000

const authenticate = (ticket: string, id = 'a1') => ({ message_type: 'authenticate', id, payload: { ticket } })
const errorOf = (code: string, response_to?: string) => ({ message_type: 'error', response_to, payload: { code } })

/** A connection of nobody yet. */
async function stranger(query: Record<string, string> = {}) {
  const door = socketDoor()
  await door.dependencies.executions.create(anExecution({ executionId: 'e1' }), 0)
  await door.connect({ query: { auth: 'frame', ...query } })
  await door.dependencies.connections.greet('c1')
  return door
}

describe('a stranger', () => {
  it('says who it is by a ticket', async () => {
    const door = await stranger()

    expect(await door.send(authenticate(await door.ticket()))).toEqual([
      {
        message_type: 'authenticated',
        response_to: 'a1',
        payload: { connectionId: 'c1', expiresAt: '2026-11-21T10:30:00.000Z' },
      },
    ])
    expect(await door.send({ message_type: 'subscribe', payload: { topic: 'news' } })).toMatchObject([
      { message_type: 'subscription_confirmed' },
    ])
    expect(await door.dependencies.connections.get('c1')).toMatchObject({ principal: { subject: 'ada', tenant: 'acme' } })
  })

  it.each([
    { message_type: 'ping', id: 'x' },
    { message_type: 'subscribe', id: 'x', payload: { topic: 'news' } },
    { message_type: 'subscribe', id: 'x', payload: { topic: 'news', tenant: 'acme' } },
    { message_type: 'agent_request', id: 'x', payload: { agentId: 'assistant', input: { content: 'Hello?' } } },
    { message_type: 'cancel', id: 'x', payload: { executionId: 'e1' } },
    { message_type: 'shutdown', id: 'x' },
  ])('may say nothing else before: $message_type', async (frame) => {
    const door = await stranger()

    expect(await door.send(frame)).toMatchObject([errorOf('unauthorized', 'x')])
    expect(door.workQueue.sent).toEqual([])
    // Its time is not over yet.
    expect(door.poster.closed).toEqual([])
  })

  it.each<[string, (door: ReturnType<typeof socketDoor>) => Promise<string> | string]>([
    ['an invented ticket', () => 'x'.repeat(43)],
    [
      'a ticket that opened another connection',
      async (door) => {
        const ticket = await door.ticket()
        await door.connect({ query: { ticket } }, 'c2')
        return ticket
      },
    ],
    [
      'a ticket whose time is up',
      async (door) => {
        const ticket = await door.ticket()
        door.later(61_000)
        return ticket
      },
    ],
  ])('is sent away with %s', async (_what, ticketOf) => {
    const door = await stranger()

    expect(await door.send(authenticate(await ticketOf(door)))).toMatchObject([errorOf('unauthorized', 'a1')])
    expect(door.poster.closed).toEqual(['c1'])
    expect(await door.dependencies.connections.get('c1')).toMatchObject({ principal: undefined })
  })

  it.each([
    ['not_found', "another tenant's execution", { tenant: 'other' }],
    ['forbidden', 'an execution without the scope', { scopes: ['topics:read'] }],
  ] as const)('is sent away with %s when it asked for %s', async (code, _what, principal) => {
    const door = await stranger({ executionId: 'e1' })

    expect(await door.send(authenticate(await door.ticket(principal)))).toMatchObject([errorOf(code, 'a1')])
    expect(door.poster.closed).toEqual(['c1'])
    expect(await door.dependencies.connections.get('c1')).toMatchObject({ principal: undefined })
  })

  it('may try again when a table throttles', async () => {
    const door = await stranger()
    const { authenticate: store } = door.dependencies.connections
    door.dependencies.connections.authenticate = () => Promise.reject(Object.assign(new Error(), { name: 'ThrottlingException' }))
    expect(await door.send(authenticate(await door.ticket()))).toMatchObject([
      { message_type: 'error', payload: { code: 'unavailable', retryable: true } },
    ])
    expect(door.poster.closed).toEqual([])

    door.dependencies.connections.authenticate = store
    expect(await door.send(authenticate(await door.ticket()))).toMatchObject([{ message_type: 'authenticated' }])
  })
})

describe('a connection whose token ends', () => {
  async function subscribed() {
    const door = socketDoor()
    await door.open()
    await door.send({ message_type: 'subscribe', payload: { topic: 'news' } })
    await door.send({ message_type: 'subscribe', payload: { channel: 'all' } })
    const untilOf = async (channel: string) => {
      const [live] = await door.dependencies.subscriptions.listLive({ tenant: 'acme', channel })
      return live?.until
    }
    return { door, untilOf }
  }

  it('is prolonged by a new ticket, with all that it follows', async () => {
    const { door, untilOf } = await subscribed()
    expect(await untilOf('topic:news')).toBe(TOKEN_END)

    const answer = await door.send(authenticate(await door.ticket({ expiresAt: LATER })))

    expect(answer).toMatchObject([{ message_type: 'authenticated', payload: { expiresAt: '2026-11-21T11:30:00.000Z' } }])
    expect([await untilOf('topic:news'), await untilOf('all')]).toEqual([LATER, LATER])
    door.later(TOKEN_END - Date.parse('2026-11-21T09:30:00Z') + 1_000)
    expect(await door.send({ message_type: 'ping' })).toMatchObject([{ message_type: 'pong' }])
  })

  it('keeps the old end of what the new token may not read', async () => {
    const { door, untilOf } = await subscribed()
    const scopes = SCOPES.filter((scope) => scope !== 'agents:read')

    await door.send(authenticate(await door.ticket({ expiresAt: LATER, scopes })))

    expect([await untilOf('topic:news'), await untilOf('all')]).toEqual([LATER, TOKEN_END])
  })

  it.each([
    ['another subject', { subject: 'bob' }],
    ['another tenant', { tenant: 'other' }],
  ])('is not taken over by a ticket of %s', async (_what, principal) => {
    const { door, untilOf } = await subscribed()

    const answer = await door.send(authenticate(await door.ticket({ expiresAt: LATER, ...principal })))

    expect(answer).toMatchObject([errorOf('forbidden', 'a1')])
    expect(await door.dependencies.connections.get('c1')).toMatchObject({ principal: { subject: 'ada', tenant: 'acme' } })
    expect(await untilOf('topic:news')).toBe(TOKEN_END)
    expect(door.poster.closed).toEqual([])
  })

  it('lives on with a bad ticket, until its own end', async () => {
    const { door } = await subscribed()

    expect(await door.send(authenticate('x'.repeat(43)))).toMatchObject([errorOf('unauthorized', 'a1')])
    expect(door.poster.closed).toEqual([])
  })

  it('is over when it has ended, whatever comes then', async () => {
    const { door } = await subscribed()
    door.later(TOKEN_END - Date.parse('2026-11-21T09:30:00Z'))

    expect(await door.send(authenticate(await door.ticket({ expiresAt: LATER })))).toMatchObject([errorOf('unauthorized', 'a1')])
    expect(door.poster.closed).toEqual(['c1'])
  })
})
