import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { topicChannel } from '#shared/protocol/channel.ts'
import { topicCountKey } from '#shared/streams/connection-keys.ts'
import type { ConnectionStore } from '#shared/streams/connection-store.ts'
import { dynamoConnectionStore } from '#shared/streams/dynamo-connection-store.ts'
import { dynamoPresenceStore } from '#shared/streams/dynamo-presence-store.ts'
import { memoryConnectionStore } from '#shared/streams/memory-connection-store.ts'
import { memoryPresenceStore } from '#shared/streams/memory-presence-store.ts'
import type { PresenceStore } from '#shared/streams/presence-store.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

type Stores = { presence: PresenceStore; connections: ConnectionStore }

const stores: [string, (clock?: Clock) => Stores][] = [
  ['memory', (clock = systemClock) => ({ presence: memoryPresenceStore(clock), connections: memoryConnectionStore() })],
  ...dynamoBackends().map(({ name, client, tables }): [string, (clock?: Clock) => Stores] => [
    name,
    (clock) => ({
      presence: dynamoPresenceStore(client, tables.streams, clock),
      connections: dynamoConnectionStore(client, tables.streams),
    }),
  ]),
]

const noEnd = new AbortController().signal

async function aWorld(open: (clock?: Clock) => Stores, clock?: Clock) {
  const { presence, connections } = open(clock)
  const tenant = `t-${newId()}`
  const connect = async () => {
    const connectionId = newId()
    const connectedAt = '2026-11-21T09:30:00.000Z'
    await connections.put({ connectionId, protocol: 'sluice.v1', opening: [], connectedAt, greeted: false })
    return { tenant, connectionId }
  }
  const follow = async (connection: { connectionId: string }, topic: string, operation?: string) => {
    await connections.addSubscription(connection.connectionId, { tenant, channel: topicChannel(topic), operation })
    return { tenant, topic, connectionId: connection.connectionId, operation }
  }
  const listed = async () => (await Array.fromAsync(presence.connections(tenant))).flat().toSorted()
  return { presence, connections, tenant, connect, follow, listed }
}

describe.each(stores)('PresenceStore on %s', (name, open) => {
  it('counts and lists who is there, each once however often it is told', async () => {
    const { presence, tenant, connect, listed } = await aWorld(open)
    const [one, two] = [await connect(), await connect()]

    for (const each of [one, two, one, two, one]) await presence.arrive(each)
    expect(await presence.counts(tenant)).toEqual({ connections: 2, topics: {} })
    expect(await listed()).toEqual([one.connectionId, two.connectionId].toSorted())

    for (const each of [one, one]) await presence.leave(each)
    expect(await presence.counts(tenant)).toEqual({ connections: 1, topics: {} })
    expect(await listed()).toEqual([two.connectionId])
  })

  it('counts the followers of each topic, and leaves out topics of nobody', async () => {
    const { presence, tenant, connect, follow } = await aWorld(open)
    const connection = await connect()
    const events = await follow(connection, 'events')
    const again = await follow(connection, 'events', 'a#1')
    const data = await follow(connection, 'health_data')

    for (const each of [events, again, data, events, again]) await presence.follow(each)
    expect(await presence.counts(tenant)).toEqual({ connections: 0, topics: { events: 2, health_data: 1 } })

    for (const each of [data, again, data]) await presence.unfollow(each)
    expect(await presence.counts(tenant)).toEqual({ connections: 0, topics: { events: 1 } })
  })

  it('comes to the same counts when all changes are told again from the first', async () => {
    const { presence, connections, tenant, connect } = await aWorld(open)
    const gone = await connect()
    await connections.remove(gone.connectionId)
    const tell = async () => {
      await presence.arrive(gone)
      await presence.leave(gone)
    }

    await tell()
    await tell()

    expect(await presence.counts(tenant)).toEqual({ connections: 0, topics: {} })
  })

  it('adds up the connections of all tenants', async () => {
    const [one, two] = [await aWorld(open), await aWorld(open)]
    const before = await one.presence.total()

    await one.presence.arrive(await one.connect())
    if (name !== 'memory') await two.presence.arrive(await two.connect())

    expect(await one.presence.total()).toBe(before + (name === 'memory' ? 1 : 2))
    expect(await two.presence.counts(one.tenant)).toEqual(
      name === 'memory' ? { connections: 0, topics: {} } : { connections: 1, topics: {} },
    )
  })

  it('takes off what should have ended long ago, and nothing younger', async () => {
    let now = 1_000_000
    const { presence, tenant, connect, follow, listed } = await aWorld(open, { now: () => now })
    const old = await connect()
    await presence.arrive(old)
    await presence.follow(await follow(old, 'events', 'op'))
    now += 1_000
    const young = await connect()
    await presence.arrive(young)
    await presence.follow(await follow(young, 'events'))

    await presence.repair(tenant, now, noEnd)
    await presence.repair(tenant, now, noEnd)

    expect(await presence.counts(tenant)).toEqual({ connections: 1, topics: { events: 1 } })
    expect(await listed()).toEqual([young.connectionId])
  })

  it('has one of many repair, from time to time', async () => {
    const { presence, tenant } = await aWorld(open)
    const claim = (now: number) => presence.claimRepair(tenant, { now, every: 1_000 })

    expect((await Promise.all([claim(5_000), claim(5_000), claim(5_000)])).filter(Boolean)).toHaveLength(1)
    expect(await claim(5_999)).toBe(false)
    expect(await claim(6_000)).toBe(true)
  })
})

describe.each(stores.slice(1))('PresenceStore on %s', (_name, open) => {
  it('does not count what is over already: its end was told before, or will be', async () => {
    const { presence, connections, tenant, connect, follow } = await aWorld(open)
    const connection = await connect()
    const follower = await follow(connection, 'events')
    await connections.removeSubscription(connection.connectionId, { channel: 'topic:events' })
    await connections.remove(connection.connectionId)

    await presence.arrive(connection)
    await presence.follow(follower)

    expect(await presence.counts(tenant)).toEqual({ connections: 0, topics: {} })
  })

  it('gives every connection once, page by page, though some go in between', async () => {
    const { presence, tenant, connect } = await aWorld(open)
    const connections = await Promise.all(Array.from({ length: 23 }, connect))
    await Promise.all(connections.map((each) => presence.arrive(each)))

    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await presence.page(tenant, { limit: 5, after })
      expect(page.connectionIds.length).toBeLessThanOrEqual(5)
      seen.push(...page.connectionIds)
      if (page.next !== undefined) await presence.leave({ tenant, connectionId: page.next })
      after = page.next
    } while (after !== undefined)

    expect(seen.toSorted()).toEqual(connections.map(({ connectionId }) => connectionId).toSorted())
    expect((await presence.page(newId(), { limit: 5 })).connectionIds).toEqual([])
  })

  it('loses nobody when many come and go at once', async () => {
    const { presence, tenant, connect } = await aWorld(open)
    const connections = await Promise.all(Array.from({ length: 12 }, connect))

    await Promise.all(connections.map((each) => presence.arrive(each)))
    await Promise.all(connections.slice(0, 5).map((each) => presence.leave(each)))

    expect(await presence.counts(tenant)).toEqual({ connections: 7, topics: {} })
  })
})

describe.each(dynamoBackends())('PresenceStore on $name', ({ client, tables }) => {
  it('keeps no count of a topic for ever, whatever names its followers think of', async () => {
    const now = Date.parse('2026-11-21T09:30:00Z')
    const presence = dynamoPresenceStore(client, tables.streams, { now: () => now })
    const connections = dynamoConnectionStore(client, tables.streams)
    const follower = { tenant: `t-${newId()}`, connectionId: newId(), topic: newId() }
    const { tenant, connectionId, topic } = follower
    await connections.put({
      connectionId,
      protocol: 'sluice.v1',
      opening: [],
      connectedAt: '2026-11-21T09:30:00.000Z',
      greeted: false,
    })
    await connections.addSubscription(connectionId, { tenant, channel: topicChannel(topic) })

    await presence.follow(follower)
    await presence.unfollow(follower)

    const { Item } = await client.send(new GetCommand({ TableName: tables.streams, Key: topicCountKey(tenant, topic) }))
    expect(Item).toMatchObject({ members: 0, expiresAt: now / 1_000 + 24 * 3_600 })
  })
})
