import { describe, expect, it } from 'vitest'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { memoryMessageBus } from '#shared/messaging/memory-message-bus.ts'
import { loadData } from '#shared/messaging/message-data.ts'
import { referencingMessageBus } from '#shared/messaging/referencing-message-bus.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import { LARGE_DATA } from '../../helpers/messaging.ts'
import { anEnvelope } from '../../helpers/streams.ts'

const messageOf = (overrides: Partial<Envelope> = {}) => ({ tenant: 'acme', envelope: anEnvelope(overrides) })

function setup() {
  const [inner, artifacts] = [memoryMessageBus(), memoryArtifactStore()]
  return { inner, artifacts, bus: referencingMessageBus(inner, artifacts) }
}

describe('referencingMessageBus', () => {
  it('publishes a large message by reference, and a small one as it is', async () => {
    const { bus, inner, artifacts } = setup()
    const small = messageOf()

    await bus.publish(small)
    await bus.publish(messageOf({ data: LARGE_DATA }))

    const [first, second] = inner.published
    expect(first).toEqual(small)
    expect(second?.envelope.data).toBeNull()
    expect(second && (await loadData(artifacts, second))).toEqual(LARGE_DATA)
  })

  it('publishes nothing whose data could not be stored', async () => {
    const { bus, inner, artifacts } = setup()
    artifacts.put = () => Promise.reject(new SluiceError('unavailable', 'S3 says SlowDown'))

    await expect(bus.publish(messageOf({ data: LARGE_DATA }))).rejects.toMatchObject({ code: 'unavailable' })
    expect(inner.published).toEqual([])
  })

  it('refuses one of many whose data could not be stored, and publishes the others', async () => {
    const { bus, inner, artifacts } = setup()
    const { put } = artifacts
    let stored = 0
    artifacts.put = (key, text) =>
      stored++ === 0 ? Promise.reject(new SluiceError('unavailable', 'S3 says SlowDown')) : put(key, text)
    const large = (id: string) => messageOf({ id, data: LARGE_DATA })

    expect(await bus.publishAll([messageOf({ id: 'a' }), large('b'), large('c'), messageOf({ id: 'd' })])).toMatchObject([
      { result: 'accepted' },
      { result: 'refused', error: { code: 'unavailable' } },
      { result: 'accepted' },
      { result: 'accepted' },
    ])
    expect(inner.published.map(({ envelope }) => envelope.id)).toEqual(['a', 'c', 'd'])
  })
})
