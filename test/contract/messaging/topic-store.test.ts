import { describe, expect, it } from 'vitest'
import { dynamoTopicStore } from '#shared/messaging/dynamo-topic-store.ts'
import { memoryTopicStore } from '#shared/messaging/memory-topic-store.ts'
import type { TopicStore } from '#shared/messaging/topic-store.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { aTopic } from '../../helpers/messaging.ts'

const stores: [string, TopicStore][] = [
  ['memory', memoryTopicStore()],
  ...dynamoBackends().map(({ name, client, tables }): [string, TopicStore] => [name, dynamoTopicStore(client, tables.registry)]),
]

describe.each(stores)('TopicStore on %s', (_name, topics) => {
  it('gives back what it was given, of one tenant', async () => {
    const tenant = newId()
    const topic = aTopic({
      description: 'What people ask',
      schema: { type: 'object', properties: { '': { const: 1e300 }, a: { enum: [null, 0.1, 'ü'] } } },
    })

    expect(await topics.put(tenant, topic)).toEqual(topic)

    expect(await topics.get(tenant, 'questions')).toEqual(topic)
    expect(await topics.get(newId(), 'questions')).toBeUndefined()
    expect(await topics.get(tenant, 'answers')).toBeUndefined()
  })

  it('replaces all but the time of creation', async () => {
    const tenant = newId()
    await topics.put(tenant, aTopic({ description: 'first' }))
    const later = '2026-11-22T09:30:00.000Z'

    const replaced = await topics.put(tenant, aTopic({ schema: { type: 'string' }, createdAt: later, updatedAt: later }))

    expect(replaced).toEqual(aTopic({ schema: { type: 'string' }, updatedAt: later }))
    expect(await topics.get(tenant, 'questions')).toEqual(replaced)
  })

  it('lists by name, page by page, without a gap, and says when it is done', async () => {
    const [tenant, other] = [newId(), newId()]
    for (const topic of ['c', 'a', 'e', 'b', 'd']) await topics.put(tenant, aTopic({ topic }))
    await topics.put(other, aTopic({ topic: 'foreign' }))

    const names: string[] = []
    let after: string | undefined
    let pages = 0
    do {
      const page = await topics.list(tenant, { limit: 2, after })
      names.push(...page.topics.map(({ topic }) => topic))
      after = page.next
      pages += 1
    } while (after !== undefined)

    expect(names).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(pages).toBe(3)
    expect(await topics.list(newId(), { limit: 2 })).toEqual({ topics: [] })
    await expect(topics.list(tenant, { limit: 2, after: '!' })).rejects.toMatchObject({ code: 'validation_error' })
  })

  it('removes once, of one tenant', async () => {
    const tenant = newId()
    await topics.put(tenant, aTopic())

    expect(await topics.remove(newId(), 'questions')).toBe('missing')
    expect(await topics.remove(tenant, 'questions')).toBe('removed')
    expect(await topics.remove(tenant, 'questions')).toBe('missing')
    expect(await topics.get(tenant, 'questions')).toBeUndefined()
  })
})
