import { describe, expect, it } from 'vitest'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { anExecution } from '../../../helpers/executions.ts'
import { socketDoor } from '../../../helpers/socket-door.ts'

const offering = (...protocols: string[]) => ({ headers: { 'Sec-WebSocket-Protocol': protocols.join(', ') } })
const echoed = { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'sluice.v1' } }

describe('$connect', () => {
  it('takes a ticket as a subprotocol, and echoes the other one', async () => {
    const door = socketDoor()

    const answer = await door.connect(offering('sluice.v1', `ticket.${await door.ticket()}`))

    expect(answer).toEqual(echoed)
    expect(await door.dependencies.connections.get('c1')).toMatchObject({
      principal: { subject: 'ada', tenant: 'acme' },
      connectedAt: '2026-11-21T09:30:00.000Z',
      greeted: false,
    })
  })

  it('takes a ticket from the query, and a token from a header of any case', async () => {
    const door = socketDoor()

    expect(await door.connect({ query: { ticket: await door.ticket() } })).toEqual({ statusCode: 200 })
    expect(await door.connect({ headers: { AUTHORIZATION: `Bearer ${await door.token()}` } }, 'c2')).toEqual({ statusCode: 200 })
    expect(await door.dependencies.connections.get('c2')).toMatchObject({ principal: { subject: 'ada', tenant: 'acme' } })
  })

  it('echoes no subprotocol that was not offered', async () => {
    const door = socketDoor()
    const credentials = offering('chat', `ticket.${await door.ticket()}`)

    expect(await door.connect(credentials)).toEqual({ statusCode: 200 })
  })

  it('prefers the ticket of the subprotocol to the one of the query', async () => {
    const door = socketDoor()
    const credentials = {
      ...offering(`ticket.${await door.ticket({ tenant: 'other' })}`),
      query: { ticket: await door.ticket() },
    }

    await door.connect(credentials)

    expect(await door.dependencies.connections.get('c1')).toMatchObject({ principal: { tenant: 'other' } })
  })

  it.each<[string, (door: ReturnType<typeof socketDoor>) => Promise<object> | object]>([
    ['nothing', () => ({})],
    ['only our subprotocol', () => offering('sluice.v1')],
    ['an empty ticket', () => offering('sluice.v1', 'ticket.')],
    ['an invented ticket', () => offering('sluice.v1', `ticket.${'x'.repeat(43)}`)],
    ['a token for a ticket', async (door) => ({ query: { ticket: await door.token() } })],
    ['a ticket for a token', async (door) => ({ headers: { authorization: `Bearer ${await door.ticket()}` } })],
    [
      'a bad token, though the ticket is good',
      async (door) => ({ headers: { authorization: 'Bearer x' }, query: { ticket: await door.ticket() } }),
    ],
    [
      'a token of another secret',
      async (door) => ({
        headers: { authorization: `Bearer ${await door.token({}, 'another secret of thirty-two characters')}` },
      }),
    ],
  ])('refuses %s', async (_what, credentials) => {
    const door = socketDoor()

    expect(await door.connect(await credentials(door))).toEqual({ statusCode: 401 })
    expect(await door.dependencies.connections.get('c1')).toBeUndefined()
    expect(door.logger.lines).toMatchObject([{ level: 'info', code: 'request_refused', fields: { code: 'unauthorized' } }])
  })

  it('refuses a ticket that was used', async () => {
    const door = socketDoor()
    const query = { ticket: await door.ticket() }
    await door.connect({ query })

    expect(await door.connect({ query }, 'c2')).toEqual({ statusCode: 401 })
  })

  it('refuses a ticket, and a token, whose time is up', async () => {
    const door = socketDoor()
    const [ticket, token] = [await door.ticket(), await door.token()]
    door.later(66_000)

    expect(await door.connect({ query: { ticket } })).toEqual({ statusCode: 401 })
    expect(await door.connect({ headers: { authorization: `Bearer ${token}` } })).toEqual({ statusCode: 401 })
  })

  it.each([[{}], [{ 'token-key': '' }], [{ 'token-key': 'short' }]])(
    'lets no token in when the secrets are %j',
    async (secrets) => {
      const door = socketDoor({ secrets: memorySecretStore(secrets) })

      expect(await door.connect({ headers: { authorization: `Bearer ${await door.token()}` } })).toEqual({ statusCode: 500 })
      expect(door.logger.lines).toMatchObject([{ level: 'error', code: 'request_failed', fields: { code: 'internal' } }])
    },
  )

  it('says that it is not available when a table throttles', async () => {
    const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' })
    const door = socketDoor()
    door.dependencies.connections.put = () => Promise.reject(throttled)

    expect(await door.connect({ query: { ticket: await door.ticket() } })).toEqual({ statusCode: 503 })
  })

  describe('of somebody who says later who it is', () => {
    const frameAuth = { query: { auth: 'frame' } }

    it('lets in, and looks again five seconds later', async () => {
      const door = socketDoor()

      expect(await door.connect(frameAuth)).toEqual({ statusCode: 200 })
      expect(await door.connect(offering('graphql-transport-ws'), 'c2')).toEqual({
        statusCode: 200,
        headers: { 'Sec-WebSocket-Protocol': 'graphql-transport-ws' },
      })

      expect(await door.dependencies.connections.get('c1')).toMatchObject({ protocol: 'sluice.v1', principal: undefined })
      expect(await door.dependencies.connections.get('c2')).toMatchObject({
        protocol: 'graphql-transport-ws',
        principal: undefined,
      })
      expect(door.connectionTasks.sent).toEqual([
        { task: { task: 'require_identity', connectionId: 'c1' }, delaySeconds: 5 },
        { task: { task: 'require_identity', connectionId: 'c2' }, delaySeconds: 5 },
      ])
    })

    it('lets nobody in when nobody would look again', async () => {
      const door = socketDoor({ connectionTasks: { send: () => Promise.reject(new Error('no queue')) } })

      expect(await door.connect(frameAuth)).toEqual({ statusCode: 500 })
      expect(await door.dependencies.connections.get('c1')).toBeUndefined()
    })

    it('does not make a bad ticket good', async () => {
      const door = socketDoor()

      expect(await door.connect({ query: { auth: 'frame', ticket: 'x'.repeat(43) } })).toEqual({ statusCode: 401 })
      expect(await door.connect(offering('graphql-transport-ws', 'ticket.x'))).toEqual({ statusCode: 401 })
    })
  })

  describe('for something', () => {
    const connectFor = async (
      query: Record<string, string>,
      principal: Parameters<ReturnType<typeof socketDoor>['ticket']>[0] = {},
    ) => {
      const door = socketDoor()
      await door.dependencies.executions.create(anExecution({ executionId: 'e1' }), 0)
      const answer = await door.connect({ query: { ticket: await door.ticket(principal), ...query } })
      return { status: answer.statusCode, connection: await door.dependencies.connections.get('c1') }
    }

    it('notes the topics of an endpoint, and the execution with its cursor', async () => {
      const { status, connection } = await connectFor({ endpoint: 'health', executionId: 'e1', after: '7' })

      expect(status).toBe(200)
      expect(connection?.opening).toEqual([
        { channel: 'topic:health_events' },
        { channel: 'topic:alerts' },
        { channel: 'execution:e1', after: 7 },
      ])
    })

    it('notes the view and the agent', async () => {
      expect((await connectFor({ view: 'flat', agent: 'assistant' })).connection).toMatchObject({
        view: { kind: 'flat' },
        agentId: 'assistant',
        opening: [],
      })
    })

    it.each<[number, string, Record<string, string>, object]>([
      [404, 'an endpoint that nobody declared', { endpoint: 'finance' }, {}],
      [404, 'an endpoint that every object has', { endpoint: 'constructor' }, {}],
      [404, 'an execution that is not there', { executionId: 'e2' }, {}],
      [404, "another tenant's execution", { executionId: 'e1' }, { tenant: 'other' }],
      [403, 'an endpoint without the scope', { endpoint: 'health' }, { scopes: ['executions:read'] }],
      [403, 'an execution without the scope', { executionId: 'e1' }, { scopes: ['topics:read'] }],
      [422, 'a cursor of nothing', { after: '7' }, {}],
      [422, 'a cursor that is no number', { executionId: 'e1', after: '7.5' }, {}],
      [422, 'an execution in another tenant by its key', { executionId: 'e1#x' }, {}],
      [422, 'an unknown view', { view: 'json' }, {}],
      [422, 'an unknown way to say who it is', { auth: 'later' }, {}],
    ])('is refused with %s: %s', async (status, _what, query, principal) => {
      expect(await connectFor(query, principal)).toEqual({ status, connection: undefined })
    })
  })
})

describe('$disconnect', () => {
  it.each(['$connect', '$disconnect'])('is not what a frame with the id "%s" does, though it takes its route', async (id) => {
    const door = socketDoor()
    await door.open()

    expect(await door.send({ message_type: 'ping', id })).toMatchObject([{ message_type: 'pong', response_to: id }])
    expect(await door.dependencies.connections.get('c1')).toMatchObject({ principal: { subject: 'ada' } })
  })

  it('forgets the connection, even one that it never knew', async () => {
    const door = socketDoor()
    await door.open()

    expect(await door.disconnect()).toEqual({ statusCode: 200 })
    expect(await door.disconnect('unknown')).toEqual({ statusCode: 200 })
    expect(await door.dependencies.connections.get('c1')).toBeUndefined()
  })

  it('ends what the connection follows, and nothing of another', async () => {
    const door = socketDoor()
    await door.open()
    await door.open({}, 'c2')
    for (const connectionId of ['c1', 'c2']) {
      await door.send({ message_type: 'subscribe', payload: { topic: 'news' } }, { connectionId })
    }

    await door.disconnect()

    const live = await door.dependencies.subscriptions.listLive({ tenant: 'acme', channel: 'topic:news' })
    expect(live.map(({ connectionId }) => connectionId)).toEqual(['c2'])
    expect(await door.dependencies.connections.subscriptions('c1')).toEqual([])
  })
})
