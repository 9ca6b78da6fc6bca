import { describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import type { Connection, ConnectionStore } from '#shared/streams/connection-store.ts'
import { dynamoConnectionStore } from '#shared/streams/dynamo-connection-store.ts'
import { memoryConnectionStore } from '#shared/streams/memory-connection-store.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const aConnection = (): Connection => ({
  connectionId: newId(),
  principal: { subject: 'ada', tenant: 'acme', scopes: ['executions:read'], expiresAt: Date.parse('2026-11-21T10:30:00Z') },
  connectedAt: '2026-11-21T09:30:00.000Z',
  greeted: false,
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
})
