import { beforeAll, describe, expect, it } from 'vitest'
import { dynamoTicketStore } from '#shared/access/dynamo-ticket-store.ts'
import { memoryTicketStore } from '#shared/access/memory-ticket-store.ts'
import type { TicketStore } from '#shared/access/ticket-store.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const NOW = Date.parse('2026-11-21T09:30:00.500Z')
const ada: VerifiedPrincipal = {
  subject: 'ada',
  tenant: 'acme',
  scopes: ['agents:read', 'executions:write'],
  expiresAt: NOW + 3_600_000,
}

const stores: [string, () => TicketStore][] = [
  ['memory', memoryTicketStore],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => TicketStore] => [
    name,
    () => dynamoTicketStore(client, tables.streams),
  ]),
]

describe.each(stores)('TicketStore on %s', (_name, open) => {
  let tickets: TicketStore
  beforeAll(() => {
    tickets = open()
  })

  it('gives the principal back, once', async () => {
    const hash = newId()
    await tickets.put(hash, ada, NOW + 60_000)

    expect(await tickets.take(hash, NOW)).toEqual(ada)
    expect(await tickets.take(hash, NOW)).toBeUndefined()
  })

  it('gives a ticket to one of many that ask at once', async () => {
    const hash = newId()
    await tickets.put(hash, ada, NOW + 60_000)

    const taken = await Promise.all(Array.from({ length: 8 }, () => tickets.take(hash, NOW)))

    expect(taken.filter((principal) => principal !== undefined)).toEqual([ada])
  })

  it('knows the end to the millisecond', async () => {
    const [early, late] = [newId(), newId()]
    await tickets.put(early, ada, NOW + 1)
    await tickets.put(late, ada, NOW)

    expect(await tickets.take(early, NOW)).toEqual(ada)
    expect(await tickets.take(late, NOW)).toBeUndefined()
  })

  it('knows no ticket it was not given', async () => {
    expect(await tickets.take(newId(), NOW)).toBeUndefined()
  })
})
