import { beforeAll, describe, expect, it } from 'vitest'
import { dynamoTicketStore } from '#shared/access/dynamo-ticket-store.ts'
import { memoryTicketStore } from '#shared/access/memory-ticket-store.ts'
import { BOUND_TICKET_MS, type TicketStore } from '#shared/access/ticket-store.ts'
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
    expect(await tickets.bind(newId(), 'execution:e1', NOW)).toBeUndefined()
  })

  describe('that are bound', () => {
    const USE = 'execution:e1'

    async function aTicket(principal = ada): Promise<string> {
      const hash = newId()
      await tickets.put(hash, principal, NOW + 60_000)
      return hash
    }

    it('are good for the same use again and again, as long as it comes back in time', async () => {
      const hash = await aTicket()

      for (const at of [0, 1, BOUND_TICKET_MS - 1, 2 * BOUND_TICKET_MS - 2])
        expect(await tickets.bind(hash, USE, NOW + at)).toEqual(ada)
      expect(await tickets.bind(hash, USE, NOW + 3 * BOUND_TICKET_MS - 2)).toBeUndefined()
    })

    it('are good for no other use, and for no connection', async () => {
      const hash = await aTicket()
      await tickets.bind(hash, USE, NOW)

      expect(await tickets.bind(hash, 'execution:e2', NOW)).toBeUndefined()
      expect(await tickets.take(hash, NOW)).toBeUndefined()
      // Whoever tries does not break the stream of the one who has it.
      expect(await tickets.bind(hash, USE, NOW)).toEqual(ada)
    })

    it('are bound within their minute', async () => {
      const [early, late] = [await aTicket(), await aTicket()]

      expect(await tickets.bind(early, USE, NOW + 59_999)).toEqual(ada)
      expect(await tickets.bind(late, USE, NOW + 60_000)).toBeUndefined()
    })

    it('end with their token', async () => {
      const short = { ...ada, expiresAt: NOW + 90_000 }
      const hash = await aTicket(short)

      expect(await tickets.bind(hash, USE, NOW)).toEqual(short)
      expect(await tickets.bind(hash, USE, NOW + 89_999)).toEqual(short)
      expect(await tickets.bind(hash, USE, NOW + 90_000)).toBeUndefined()
    })

    it('go to one of many uses that ask at once', async () => {
      const hash = await aTicket()
      const uses = Array.from({ length: 8 }, (_, index) => `execution:e${index % 4}`)

      const bound = await Promise.all(uses.map(async (use) => ((await tickets.bind(hash, use, NOW)) ? use : undefined)))

      expect(new Set(bound.filter((use) => use !== undefined)).size).toBe(1)
      expect(bound.filter((use) => use !== undefined)).toHaveLength(2)
    })

    it('are none when they were used up before', async () => {
      const hash = await aTicket()
      await tickets.take(hash, NOW)

      expect(await tickets.bind(hash, USE, NOW)).toBeUndefined()
    })
  })
})
