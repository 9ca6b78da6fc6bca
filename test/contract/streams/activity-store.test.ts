import { describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import type { ActivityStore } from '#shared/streams/activity-store.ts'
import { dynamoActivityStore } from '#shared/streams/dynamo-activity-store.ts'
import { memoryActivityStore } from '#shared/streams/memory-activity-store.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const stores: [string, () => ActivityStore][] = [
  ['memory', memoryActivityStore],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => ActivityStore] => [
    name,
    () => dynamoActivityStore(client, tables.streams),
  ]),
]

describe.each(stores)('ActivityStore on %s', (_name, open) => {
  it('adds up, for each tenant and for all', async () => {
    const activity = open()
    const [one, two] = [newId(), newId()]
    const before = await activity.total()

    await Promise.all(Array.from({ length: 10 }, () => activity.add(one, { messages: 1, errors: 0 })))
    await activity.add(one, { messages: 0, errors: 1 })
    await activity.add(two, { messages: 1, errors: 1 })

    expect(await activity.of(one)).toEqual({ messages: 10, errors: 1 })
    expect(await activity.of(two)).toEqual({ messages: 1, errors: 1 })
    expect(await activity.of(newId())).toEqual({ messages: 0, errors: 0 })
    expect(await activity.total()).toEqual({ messages: before.messages + 11, errors: before.errors + 2 })
  })

  it('takes no tenant for another whose name begins alike', async () => {
    const activity = open()
    const tenant = newId()
    await activity.add(`${tenant}x`, { messages: 1, errors: 1 })

    expect(await activity.of(tenant)).toEqual({ messages: 0, errors: 0 })
  })
})
