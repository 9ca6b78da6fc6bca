import { describe, expect, it, vi } from 'vitest'
import { lifecycleEventSchemaOf } from '#shared/protocol/lifecycle-event-data.ts'
import { followedKey } from '#shared/streams/connection-keys.ts'
import type { Connection } from '#shared/streams/connection-store.ts'
import { connectionKey } from '#shared/streams/stream-keys.ts'
import { aConnection, ada, connectionsWorker } from '../../../helpers/connections.ts'
import { aStreamRecord } from '../../../helpers/stream-records.ts'
import { aWebhook } from '../../../helpers/webhooks.ts'

const itemOf = (connection: Connection) => ({ ...connection, expiresAt: 1_795_270_000 })
const opened = (index: number, connection = aConnection()) =>
  aStreamRecord(index, { key: connectionKey(connection.connectionId), after: itemOf(connection) })
const closed = (index: number, connection = aConnection()) =>
  aStreamRecord(index, { key: connectionKey(connection.connectionId), before: itemOf(connection) })
const changed = (index: number, before: Connection, after: Connection) =>
  aStreamRecord(index, { key: connectionKey(after.connectionId), before: itemOf(before), after: itemOf(after) })
const subscription = { tenant: 'acme', channel: 'topic:events' }
const followed = (index: number, connectionId = 'c1') =>
  aStreamRecord(index, { key: followedKey(connectionId, subscription), after: subscription })
const unfollowed = (index: number, connectionId = 'c1') =>
  aStreamRecord(index, { key: followedKey(connectionId, subscription), before: subscription })

const { principal: _, ...stranger } = aConnection()

describe('changes of connections', () => {
  it('are counted once, though all of them come twice', async () => {
    const worker = connectionsWorker()
    const batch = [
      opened(0),
      followed(1),
      opened(2, aConnection({ connectionId: 'c2' })),
      followed(3, 'c2'),
      unfollowed(4),
      closed(5),
    ]

    expect(await worker.see(...batch)).toBeUndefined()
    expect(await worker.see(...batch)).toBeUndefined()

    expect(await worker.presence.counts('acme')).toEqual({ connections: 1, topics: { events: 1 } })
  })

  it('are told as facts of the tenant, with the same ids when they come again', async () => {
    const worker = connectionsWorker()

    for (const _time of [1, 2]) await worker.see(opened(0), closed(1))

    const events = worker.bus.published.map(({ event }) => event)
    expect(events.slice(0, 2)).toMatchObject([
      {
        type: 'connection.opened',
        source: '/connections/c1',
        time: '2026-11-21T09:30:00.000Z',
        data: { connectionId: 'c1', subject: 'ada', protocol: 'sluice.v1' },
      },
      { type: 'connection.closed', time: '2026-11-21T09:30:07.000Z', data: { connectionId: 'c1', durationMs: 7_000 } },
    ])
    for (const event of events) expect(lifecycleEventSchemaOf(event.type).parse(event)).toEqual(event)
    expect(events.slice(2)).toEqual(events.slice(0, 2))
    expect(worker.bus.published.every(({ tenant }) => tenant === 'acme')).toBe(true)
    expect((await worker.log.read({ tenant: 'acme', channel: 'all' }, -1)).map(({ sequence }) => sequence)).toEqual([0, 1])
  })

  it('are not told of a tenant that is closed', async () => {
    const worker = connectionsWorker()
    await worker.tenants.close('acme')

    expect(await worker.see(opened(0), closed(1))).toBeUndefined()

    expect(worker.bus.published).toEqual([])
    expect(await worker.log.read({ tenant: 'acme', channel: 'all' }, -1)).toEqual([])
    expect(await worker.presence.counts('acme')).toMatchObject({ connections: 0 })
  })

  it('are told to webhooks that want them', async () => {
    const worker = connectionsWorker()
    await worker.webhooks.put('acme', aWebhook({ events: ['connection.'] }))

    await worker.see(opened(0))

    expect(worker.deliveries.sent).toMatchObject([{ delivery: { type: 'connection.opened', tenant: 'acme' } }])
  })

  it('of a stranger say nothing until it is known who it is', async () => {
    const worker = connectionsWorker()

    await worker.see(opened(0, stranger))
    expect(worker.bus.published).toEqual([])
    expect(await worker.presence.total()).toBe(0)

    await worker.see(changed(1, stranger, aConnection()), changed(2, aConnection(), aConnection({ greeted: true })))
    expect(worker.bus.published.map(({ event }) => event.type)).toEqual(['connection.opened'])
    expect(await worker.presence.counts('acme')).toMatchObject({ connections: 1 })

    await worker.see(closed(3, stranger))
    expect(worker.bus.published).toHaveLength(1)
  })

  it('ask for what the address wants, once it is known who wants it', async () => {
    const worker = connectionsWorker()
    const opening = [{ channel: 'topic:alerts' }]

    await worker.see(opened(0, { ...stranger, opening }))
    expect(worker.connectionTasks.sent.filter(({ task }) => task.task === 'open')).toEqual([])

    await worker.see(changed(1, { ...stranger, opening }, aConnection({ opening })))
    expect(worker.connectionTasks.sent).toContainEqual({ task: { task: 'open', connectionId: 'c1' }, delaySeconds: 0 })
  })

  it('have the counts of a tenant repaired from time to time', async () => {
    const worker = connectionsWorker()
    const repairs = () => worker.connectionTasks.sent.filter(({ task }) => task.task === 'repair')

    await worker.see(opened(0), opened(1, aConnection({ connectionId: 'c2' })))
    expect(repairs()).toHaveLength(1)

    worker.later(3_600_000)
    await worker.see(opened(2, aConnection({ connectionId: 'c3' })))
    expect(repairs()).toHaveLength(2)
  })

  it('end what a connection still follows, as when its time ran out', async () => {
    const worker = connectionsWorker()
    await worker.connections.put(aConnection())
    await worker.connections.addSubscription('c1', subscription)
    await worker.subscriptions.beginReplay(subscription, { connectionId: 'c1', subscriptionId: 's1', until: ada.expiresAt })
    await worker.subscriptions.goLive(subscription, { connectionId: 'c1', subscriptionId: 's1', until: ada.expiresAt }, -1)

    await worker.see(closed(0))

    expect(await worker.subscriptions.listLive(subscription)).toEqual([])
    expect(await worker.connections.subscriptions('c1')).toEqual([])
  })

  it('come again from the first that failed; what cannot be read holds up nobody', async () => {
    const worker = connectionsWorker()
    const arrive = worker.presence.arrive
    worker.presence.arrive = async (connection) => {
      if (connection.connectionId === 'c2') throw Object.assign(new Error('busy'), { name: 'ThrottlingException' })
      return arrive(connection)
    }
    const odd = aStreamRecord(0, { key: connectionKey('c9'), after: { connectionId: 7 } })

    expect(await worker.see(odd, opened(1), opened(2, aConnection({ connectionId: 'c2' })), followed(3))).toBe('s-2')

    expect(await worker.presence.counts('acme')).toMatchObject({ connections: 1 })
    expect(worker.logger.lines.map(({ level, code }) => [level, code])).toEqual([
      ['error', 'change_refused'],
      ['warn', 'change_retried'],
    ])
  })
})

describe('tasks', () => {
  it('that are none, or fail, come again alone', async () => {
    const worker = connectionsWorker()

    expect(await worker.do('{"task":"dance"}', { task: 'open', connectionId: 'gone' })).toBe(1)
    expect(worker.logger.lines).toMatchObject([{ level: 'error', code: 'message_retried', fields: { code: 'validation_error' } }])
  })

  describe('require_identity', () => {
    it('closes whoever did not say who it is, and forgets it', async () => {
      const worker = connectionsWorker()
      await worker.connections.put(stranger)

      await worker.do({ task: 'require_identity', connectionId: 'c1' })

      expect(worker.poster.closed).toEqual(['c1'])
      expect(await worker.connections.get('c1')).toBeUndefined()
    })

    it('closes a socket that nobody remembers', async () => {
      const worker = connectionsWorker()

      await worker.do({ task: 'require_identity', connectionId: 'gone' })

      expect(worker.poster.closed).toEqual(['gone'])
    })

    it('leaves alone who did', async () => {
      const worker = connectionsWorker()
      await worker.connections.put(aConnection())

      await worker.do({ task: 'require_identity', connectionId: 'c1' })

      expect(worker.poster.closed).toEqual([])
      expect(await worker.connections.get('c1')).toBeDefined()
    })
  })

  describe('close', () => {
    it('closes a connection of the tenant, and forgets it', async () => {
      const worker = connectionsWorker()
      await worker.connections.put(aConnection())

      await worker.do({ task: 'close', tenant: 'acme', connectionId: 'c1' })

      expect(worker.poster.closed).toEqual(['c1'])
      expect(await worker.connections.get('c1')).toBeUndefined()
    })

    it.each([
      ["another tenant's", aConnection()],
      ["nobody's yet", stranger],
    ])('leaves alone what is %s', async (_whose, connection) => {
      const worker = connectionsWorker()
      await worker.connections.put(connection)

      await worker.do({ task: 'close', tenant: 'other', connectionId: 'c1' })

      expect(worker.poster.closed).toEqual([])
      expect(await worker.connections.get('c1')).toBeDefined()
    })
  })

  describe('close_key', () => {
    it('closes what came by the key, and nothing else of anybody', async () => {
      const worker = connectionsWorker()
      const credential = { kind: 'api_key', id: 'k1' } as const
      const connections = [
        aConnection({ principal: { ...ada, credential } }),
        aConnection({ connectionId: 'c2', principal: { ...ada, credential: { kind: 'api_key', id: 'k2' } } }),
        aConnection({ connectionId: 'c3', principal: { ...ada, credential: { kind: 'token', id: 'k1' } } }),
        aConnection({ connectionId: 'c4', principal: { ...ada, tenant: 'other', credential } }),
      ]
      for (const connection of connections) {
        await worker.connections.put(connection)
        await worker.presence.arrive({ tenant: connection.principal?.tenant ?? '', connectionId: connection.connectionId })
      }

      expect(await worker.do({ task: 'close_key', tenant: 'acme', keyId: 'k1' })).toBe(0)

      expect(worker.poster.closed).toEqual(['c1'])
      expect(await worker.connections.get('c1')).toBeUndefined()
    })
  })

  describe('open', () => {
    const opening = [{ channel: 'topic:alerts' }, { channel: 'topic:news' }]
    const open = { task: 'open', connectionId: 'c1' } as const

    it('greets, and follows what the address asked for, once though it comes twice', async () => {
      const worker = connectionsWorker()
      await worker.connections.put(aConnection({ opening }))

      expect(await worker.do(open)).toBe(0)
      expect(await worker.do(open)).toBe(0)

      const frames = worker.poster.framesOf('c1')
      expect(frames.map(({ message_type }) => message_type)).toEqual([
        'connection_established',
        'subscription_confirmed',
        'subscription_confirmed',
      ])
      const live = await worker.subscriptions.listLive({ tenant: 'acme', channel: 'topic:alerts' })
      expect(live).toMatchObject([{ connectionId: 'c1', until: ada.expiresAt }])
    })

    it('waits a moment for a socket that is not open yet', async () => {
      let posts = 0
      const worker = connectionsWorker(() => (++posts <= 2 ? { status: 'gone' } : { status: 'sent' }))
      await worker.connections.put(aConnection({ opening: [{ channel: 'topic:alerts' }] }))

      expect(await worker.do(open)).toBe(0)

      expect(worker.poster.framesOf('c1').map(({ message_type }) => message_type)).toEqual([
        'connection_established',
        'subscription_confirmed',
      ])
    })

    it('begins anew with what a failure, or a crash, left undone', async () => {
      const worker = connectionsWorker()
      await worker.connections.put(aConnection({ opening }))
      await worker.connections.addSubscription('c1', { tenant: 'acme', channel: 'topic:alerts' })
      const { goLive } = worker.subscriptions
      vi.spyOn(worker.subscriptions, 'goLive').mockImplementationOnce(() => Promise.reject(new Error('the table throttles')))

      expect(await worker.do(open)).toBe(1)
      vi.mocked(worker.subscriptions.goLive).mockImplementation(goLive)
      expect(await worker.do(open)).toBe(0)

      for (const { channel } of opening) {
        const live = await worker.subscriptions.listLive({ tenant: 'acme', channel })
        expect(live).toMatchObject([{ connectionId: 'c1' }])
      }
    })

    it('says nothing to a plain client but its events', async () => {
      const worker = connectionsWorker()
      await worker.connections.put(aConnection({ view: { kind: 'flat' }, opening: [{ channel: 'execution:e1' }] }))

      await worker.do(open)

      expect(worker.poster.frames).toEqual([])
      expect(await worker.subscriptions.listLive({ tenant: 'acme', channel: 'execution:e1' })).toMatchObject([
        { view: { kind: 'flat' } },
      ])
    })

    it('opens nothing for a stranger, nor for a connection that is gone', async () => {
      const worker = connectionsWorker()
      await worker.connections.put({ ...stranger, opening })

      expect(await worker.do(open, { task: 'open', connectionId: 'gone' })).toBe(0)

      expect(worker.poster.frames).toEqual([])
    })

    it('opens nothing for a token that has ended', async () => {
      const worker = connectionsWorker()
      await worker.connections.put(aConnection({ opening, principal: { ...ada, expiresAt: 1 } }))

      await worker.do(open)

      expect(worker.poster.framesOf('c1').filter(({ message_type }) => message_type !== 'connection_established')).toEqual([])
      expect(worker.poster.closed).toContain('c1')
    })
  })

  describe('broadcast', () => {
    const frame = JSON.stringify({ message_type: 'broadcast', payload: { data: 1, source: '/principals/ada', time: 't' } })
    const connectionIds = ['c1', 'c2', 'c3', 'c4', 'c5']
    const broadcast = { task: 'broadcast' as const, tenant: 'acme', connectionIds, frame }

    it('reaches connections of the tenant whose token is good, and nobody else', async () => {
      const worker = connectionsWorker()
      await worker.connections.put(aConnection())
      await worker.connections.put(aConnection({ connectionId: 'c2', principal: { ...ada, tenant: 'other' } }))
      await worker.connections.put({ ...stranger, connectionId: 'c3' })
      await worker.connections.put(aConnection({ connectionId: 'c4', principal: { ...ada, expiresAt: 1 } }))
      await worker.connections.put(aConnection({ connectionId: 'c5', protocol: 'graphql-transport-ws' }))

      expect(await worker.do(broadcast)).toBe(0)

      expect(worker.poster.frames.map(({ connectionId }) => connectionId)).toEqual(['c1'])
    })

    it('is not for whoever came with a ticket for one execution', async () => {
      const worker = connectionsWorker()
      await worker.connections.put(aConnection({ principal: { ...ada, onlyChannel: 'execution:e1' } }))

      expect(await worker.do(broadcast)).toBe(0)

      expect(worker.poster.frames).toEqual([])
    })

    it('forgets who is gone', async () => {
      const worker = connectionsWorker(() => ({ status: 'gone' }))
      await worker.connections.put(aConnection())

      await worker.do(broadcast)

      expect(await worker.connections.get('c1')).toBeUndefined()
    })
  })

  it('export_audit writes nothing of a tenant that is closed', async () => {
    const worker = connectionsWorker()
    const export_ = {
      task: 'export_audit' as const,
      exportId: '018f9a50-0000-7000-8000-000000000000',
      from: '2026-11-20',
      to: '2026-11-20',
    }
    await worker.tenants.close('acme')

    expect(await worker.do({ ...export_, tenant: 'acme' }, { ...export_, tenant: 'acme-b' })).toBe(0)

    const written = [...worker.auditFiles.keys()]
    expect(written.length).toBeGreaterThan(0)
    expect(written.every((key) => key.startsWith('T/acme-b/'))).toBe(true)
  })

  it('repair takes off who cannot be connected any more', async () => {
    const worker = connectionsWorker()
    await worker.presence.arrive({ tenant: 'acme', connectionId: 'old' })
    worker.later(2 * 3_600_000 + 10 * 60_000 + 1)
    await worker.presence.arrive({ tenant: 'acme', connectionId: 'young' })

    await worker.do({ task: 'repair', tenant: 'acme' })

    expect(await worker.presence.counts('acme')).toEqual({ connections: 1, topics: {} })
  })
})
