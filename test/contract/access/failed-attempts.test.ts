import { describe, expect, it } from 'vitest'
import { dynamoFailedAttempts } from '#shared/access/dynamo-failed-attempts.ts'
import type { FailedAttempts } from '#shared/access/failed-attempts.ts'
import { memoryFailedAttempts } from '#shared/access/memory-failed-attempts.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const stores: [string, () => FailedAttempts][] = [
  ['memory', memoryFailedAttempts],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => FailedAttempts] => [
    name,
    () => dynamoFailedAttempts(client, tables.streams),
  ]),
]

describe.each(stores)('FailedAttempts on %s', (_name, open) => {
  it('counts every one, those at once as well, by address and minute', async () => {
    const attempts = open()
    const address = newId()

    const counts = await Promise.all(Array.from({ length: 8 }, () => attempts.add(address, 29_920_890)))

    expect(counts.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(await attempts.add(address, 29_920_891)).toBe(1)
    expect(await attempts.add(newId(), 29_920_890)).toBe(1)
  })
})
