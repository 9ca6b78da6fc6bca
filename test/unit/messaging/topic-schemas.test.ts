import { describe, expect, it } from 'vitest'
import { memoryTopicStore } from '#shared/messaging/memory-topic-store.ts'
import { cachedTopicSchemas } from '#shared/messaging/topic-schemas.ts'
import type { TopicStore } from '#shared/messaging/topic-store.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { aTopic } from '../../helpers/messaging.ts'

function setup(overrides: Partial<TopicStore> = {}) {
  let [now, reads] = [0, 0]
  const topics = memoryTopicStore()
  const counting: TopicStore = {
    ...topics,
    get: (tenant, topic) => {
      reads += 1
      return topics.get(tenant, topic)
    },
    ...overrides,
  }
  const later = (milliseconds: number) => {
    now += milliseconds
  }
  return { topics, later, reads: () => reads, schemas: cachedTopicSchemas(counting, { now: () => now }) }
}

describe('cachedTopicSchemas', () => {
  it('gives the check of a topic', async () => {
    const { schemas, topics } = setup()
    await topics.put('acme', aTopic())

    const check = await schemas.find('acme', 'questions')

    expect(() => check?.({ content: 'Why?' })).not.toThrow()
    expect(() => check?.({})).toThrow(/content/)
  })

  it('reads a topic once in five seconds, also one that has no schema, and once for messages that come together', async () => {
    const { schemas, reads, later } = setup()

    expect(await Promise.all([schemas.find('acme', 'silence'), schemas.find('acme', 'silence')])).toEqual([undefined, undefined])
    later(4_999)
    await schemas.find('acme', 'silence')
    expect(reads()).toBe(1)

    later(1)
    await schemas.find('acme', 'silence')
    expect(reads()).toBe(2)
  })

  it('notices a change after five seconds', async () => {
    const { schemas, topics, later } = setup()
    await topics.put('acme', aTopic())
    const before = await schemas.find('acme', 'questions')
    await topics.put('acme', aTopic({ schema: { type: 'string' } }))

    later(5_000)
    const after = await schemas.find('acme', 'questions')

    expect(() => before?.('Why?')).toThrow()
    expect(() => after?.('Why?')).not.toThrow()
  })

  it('keeps tenants apart', async () => {
    const { schemas, topics } = setup()
    await topics.put('acme', aTopic())

    expect(await schemas.find('globex', 'questions')).toBeUndefined()
    expect(await schemas.find('acme', 'questions')).toBeDefined()
  })

  it('does not remember that it could not read', async () => {
    let throttled = true
    const { schemas } = setup({
      get: async () => {
        if (throttled) throw new SluiceError('unavailable', 'the table throttles')
        return aTopic()
      },
    })

    await expect(schemas.find('acme', 'questions')).rejects.toMatchObject({ code: 'unavailable' })
    throttled = false

    expect(await schemas.find('acme', 'questions')).toBeDefined()
  })
})
