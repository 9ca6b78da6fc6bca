import { describe, expect, it } from 'vitest'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Connection, ConnectionStore } from '#shared/streams/connection-store.ts'
import { dynamoConnectionStore } from '#shared/streams/dynamo-connection-store.ts'
import { memoryConnectionStore } from '#shared/streams/memory-connection-store.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { loseAnswers } from '../../helpers/lost-answers.ts'

const ada: VerifiedPrincipal = {
  subject: 'ada',
  tenant: 'acme',
  scopes: ['executions:read'],
  expiresAt: Date.parse('2026-11-21T10:30:00Z'),
}

const aConnection = (overrides: Partial<Connection> = {}): Connection => ({
  connectionId: newId(),
  principal: ada,
  protocol: 'sluice.v1',
  opening: [],
  connectedAt: '2026-11-21T09:30:00.000Z',
  greeted: false,
  ...overrides,
})

const stores: [string, () => ConnectionStore][] = [
  ['memory', memoryConnectionStore],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => ConnectionStore] => [
    name,
    () => dynamoConnectionStore(client, tables.streams),
  ]),
]

describe.each(stores)('ConnectionStore on %s', (_name, open) => {
  it('keeps who is behind a socket until it is removed', async () => {
    const [connections, connection] = [open(), aConnection()]
    await connections.put(connection)
    expect(await connections.get(connection.connectionId)).toEqual(connection)

    await connections.remove(connection.connectionId)

    expect(await connections.get(connection.connectionId)).toBeUndefined()
  })

  it('lets one of many greet', async () => {
    const [connections, connection] = [open(), aConnection()]
    await connections.put(connection)

    const greeted = await Promise.all(Array.from({ length: 5 }, () => connections.greet(connection.connectionId)))

    expect(greeted.filter(Boolean)).toHaveLength(1)
    expect(await connections.greet(newId())).toBe(false)
  })

  it('keeps what its address asked for', async () => {
    const connections = open()
    const opening = [{ channel: 'topic:alerts' }, { channel: 'execution:e1', after: 7 }]
    const connection = aConnection({ opening, view: { kind: 'flat' }, agentId: 'assistant', protocol: 'graphql-transport-ws' })

    await connections.put(connection)

    expect(await connections.get(connection.connectionId)).toEqual(connection)
  })

  it('learns who is behind a connection, once', async () => {
    const connections = open()
    const { principal: _, ...unknown } = aConnection()
    await connections.put(unknown)

    expect(await connections.authenticate(unknown.connectionId, ada)).toBe('authenticated')
    expect(await connections.get(unknown.connectionId)).toEqual({ ...unknown, principal: ada })
  })

  it('gives a connection a later end, and never another owner', async () => {
    const [connections, connection] = [open(), aConnection()]
    const { connectionId } = connection
    await connections.put(connection)
    const later = { ...ada, expiresAt: ada.expiresAt + 60_000 }

    expect(await connections.authenticate(connectionId, later)).toBe('authenticated')
    expect(await connections.authenticate(connectionId, { ...later, subject: 'bob' })).toBe('foreign')
    expect(await connections.authenticate(connectionId, { ...later, tenant: 'other' })).toBe('foreign')
    expect(await connections.get(connectionId)).toEqual({ ...connection, principal: later })
    expect(await connections.authenticate(newId(), ada)).toBe('gone')
  })

  it('knows what a connection follows, each operation for itself', async () => {
    const [connections, connection] = [open(), aConnection()]
    const { connectionId } = connection
    await connections.put(connection)
    const news = { tenant: 'acme', channel: 'topic:news' }
    const operations = ['1', 'a#b'].map((operation) => ({ tenant: 'acme', channel: 'execution:e1', operation, shard: 2 }))

    for (const each of [news, ...operations]) {
      expect(await connections.addSubscription(connectionId, each)).toEqual({ result: 'added' })
    }
    const inShard = { ...news, shard: 1 }
    expect(await connections.addSubscription(connectionId, inShard)).toEqual({ result: 'added', replaced: news })

    expect(await connections.subscriptions(connectionId)).toEqual(expect.arrayContaining([inShard, ...operations]))
    expect(await connections.subscriptions(connectionId)).toHaveLength(3)
    expect(await connections.removeSubscription(connectionId, { channel: 'execution:e1', operation: 'a#b' })).toEqual(
      operations[1],
    )
    expect(await connections.removeSubscription(connectionId, { channel: 'execution:e1', operation: 'a#b' })).toBeUndefined()
    expect(await connections.subscriptions(connectionId)).toHaveLength(2)
    expect(await connections.subscriptions(newId())).toEqual([])
  })

  it('notes nothing for a connection that is gone, and still lists what one had that goes', async () => {
    const [connections, connection] = [open(), aConnection()]
    const { connectionId } = connection
    const news = { tenant: 'acme', channel: 'topic:news' }
    await connections.put(connection)
    await connections.addSubscription(connectionId, news)

    await connections.remove(connectionId)

    expect(await connections.subscriptions(connectionId)).toEqual([news])
    expect(await connections.addSubscription(connectionId, { ...news, channel: 'topic:late' })).toEqual({ result: 'gone' })
    expect(await connections.subscriptions(connectionId)).toEqual([news])
  })
})

describe.each(dynamoBackends())('connections in the table of $name', ({ client, connect, tables }) => {
  it('lets one greet whose answer is lost', async () => {
    const [connections, connection] = [dynamoConnectionStore(client, tables.streams), aConnection()]
    await connections.put(connection)
    const fragile = connect()
    const { lost } = loseAnswers(fragile, 'repeat')

    expect(await dynamoConnectionStore(fragile, tables.streams).greet(connection.connectionId)).toBe(true)

    expect(lost()).toBe(1)
    expect(await connections.greet(connection.connectionId)).toBe(false)
  })
})
