import { beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { dynamoTenantList } from '#shared/models/dynamo-tenant-list.ts'
import { memoryTenantList } from '#shared/models/memory-tenant-list.ts'
import type { TenantList } from '#shared/models/tenant-list.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const thingSchema = z.object({ name: z.string(), weight: z.number().optional() })
type Thing = z.infer<typeof thingSchema>

const lists: [string, () => TenantList<Thing>][] = [
  ['memory', memoryTenantList],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => TenantList<Thing>] => [
    name,
    () => dynamoTenantList(client, tables.registry, 'MODEL', thingSchema),
  ]),
]

describe.each(lists)('TenantList on %s', (_name, open) => {
  let list: TenantList<Thing>
  let tenant: string
  beforeEach(() => {
    list = open()
    tenant = `tenant-${newId()}`
  })

  it('gives back what was stored, in the order of names, and the last word on each', async () => {
    for (const name of ['openai#gpt-4*', 'custom#b', 'custom#a#b']) await list.put(tenant, name, { name })
    await list.put(tenant, 'custom#b', { name: 'custom#b', weight: 1.5 })

    expect(await list.list(tenant)).toEqual([
      { name: 'custom#a#b' },
      { name: 'custom#b', weight: 1.5 },
      { name: 'openai#gpt-4*' },
    ])
  })

  it('removes one, once', async () => {
    await list.put(tenant, 'a', { name: 'a' })

    expect([await list.remove(tenant, 'a'), await list.remove(tenant, 'a')]).toEqual(['removed', 'missing'])
    expect(await list.list(tenant)).toEqual([])
  })

  it('shows a tenant nothing of another one', async () => {
    await list.put(tenant, 'a', { name: 'a' })

    expect(await list.list(`${tenant}-x`)).toEqual([])
    expect(await list.remove(`${tenant}-x`, 'a')).toBe('missing')
    expect(await list.list(tenant)).toHaveLength(1)
  })
})

describe.each(dynamoBackends())('dynamoTenantList on $name', ({ client, tables }) => {
  it('reads more than a page', async () => {
    const tenant = newId()
    const list = dynamoTenantList(client, tables.registry, 'MODEL', thingSchema)
    const names = Array.from({ length: 5 }, (_, index) => `thing-${index}-${'x'.repeat(300_000)}`)
    for (const [index, name] of names.entries()) await list.put(tenant, `thing-${index}`, { name })

    expect((await list.list(tenant)).map(({ name }) => name)).toEqual(names)
  })

  it('keeps kinds apart', async () => {
    const tenant = newId()
    await dynamoTenantList(client, tables.registry, 'MODEL', thingSchema).put(tenant, 'a', { name: 'a' })

    expect(await dynamoTenantList(client, tables.registry, 'BUDGET', thingSchema).list(tenant)).toEqual([])
  })
})
