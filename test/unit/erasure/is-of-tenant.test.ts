import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ERASURES_PREFIX, isOfTenant, type OwnedItem } from '#shared/erasure/is-of-tenant.ts'
import { principalBucketKey, tenantBucketKey } from '#shared/limits/rate-keys.ts'

const ITEMS: [string, (tenant: string) => OwnedItem][] = [
  ['an agent', (tenant) => ({ pk: `T#${tenant}`, sk: 'AGENT#a' })],
  ['an execution', (tenant) => ({ pk: `T#${tenant}#EXEC#e`, sk: 'EXEC' })],
  ['an entry of a log', (tenant) => ({ pk: `T#${tenant}#LOG#topic:x`, sk: '1' })],
  ['a connection', (tenant) => ({ pk: 'CONN#c', sk: 'CONN', principal: { tenant } })],
  ['what a connection follows', (tenant) => ({ pk: 'CONN#c', sk: 'SUB#topic:x#', tenant })],
  ['a ticket', (tenant) => ({ pk: 'TICKET#h', sk: 'TICKET', principal: { tenant } })],
  ['an API key by its hash', (tenant) => ({ pk: 'APIKEY#h', sk: 'KEY', tenant })],
  ['a day of the audit log', (tenant) => ({ pk: `T#${tenant}#2026-11-21`, sk: 'x' })],
  ['a tenant in the calendar', (tenant) => ({ pk: 'DAY#2026-11-21', sk: `T#${tenant}` })],
  ['an export in the calendar', (tenant) => ({ pk: 'DAY#2026-11-21', sk: `EXPORTED#${tenant}` })],
  ['the bucket of a caller', (tenant) => principalBucketKey(tenant, 'ada')],
]

describe('isOfTenant', () => {
  it.each(ITEMS)('knows %s of the tenant, and of no neighbour whose name is like it', (_, item) => {
    expect(isOfTenant('a', item('a'))).toBe(true)
    for (const neighbour of ['a-b', 'ab', 'A', 'b', 'a_', '-a', 'ba'])
      expect(isOfTenant('a', item(neighbour)), neighbour).toBe(false)
  })

  it.each(ITEMS)('never takes %s of one tenant for that of another', (_, item) => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,5}$/)
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(isOfTenant(one, item(other))).toBe(one === other)
      }),
    )
  })

  it.each<[string, OwnedItem]>([
    ['the mark that it is closed', tenantBucketKey('a')],
    ['an erasure', { pk: `${ERASURES_PREFIX}1`, sk: 'ERASURE', tenant: 'a' }],
    ['what belongs to nobody', { pk: 'CALLBACKS', sk: 'BUDGET' }],
    ['failed attempts from an address', { pk: 'FAILED#192.0.2.1', sk: '1' }],
    ['a count of all connections', { pk: 'CONNS', sk: 'COUNT#1' }],
    ['an execution whose id looks like the tenant', { pk: 'T#b#EXEC#T#a', sk: 'T#a#x', tenant: 'a' }],
  ])('leaves %s', (_, item) => {
    expect(isOfTenant('a', item)).toBe(false)
  })
})
