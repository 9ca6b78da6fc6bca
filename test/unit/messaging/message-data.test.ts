import { describe, expect, it } from 'vitest'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { dataKey, dataPath, loadData, referenceData, requireOwnData } from '#shared/messaging/message-data.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import { MAX_MESSAGE_BYTES, MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { LARGE_DATA } from '../../helpers/messaging.ts'
import { anEnvelope } from '../../helpers/streams.ts'

const messageOf = (overrides: Partial<Envelope> = {}, tenant = 'acme') => ({
  tenant,
  envelope: anEnvelope({ id: 'm1', ...overrides }),
})

describe('referenceData', () => {
  it('leaves a message alone that can travel', async () => {
    const artifacts = memoryArtifactStore()
    const message = messageOf()

    expect(await referenceData(artifacts, message)).toBe(message)
    expect(artifacts.objects.size).toBe(0)
  })

  it('stores data that is too large under the tenant, and refers to it', async () => {
    const artifacts = memoryArtifactStore()
    const message = { ...messageOf({ data: LARGE_DATA }), rootSource: '/principals/ada' }

    const travelling = await referenceData(artifacts, message)

    expect(travelling.envelope).toEqual({ ...message.envelope, data: null, dataref: dataKey(message) })
    expect(travelling.rootSource).toBe('/principals/ada')
    expect([...artifacts.objects.keys()]).toEqual([expect.stringMatching(/^T\/acme\/messages\/[0-9a-f-]{36}$/)])
    expect(await loadData(artifacts, travelling)).toEqual(LARGE_DATA)
  })

  it('keeps the first data of a message that is published again', async () => {
    const artifacts = memoryArtifactStore()
    const first = await referenceData(artifacts, messageOf({ data: LARGE_DATA }))

    const again = await referenceData(artifacts, messageOf({ data: { content: 'y'.repeat(MAX_MESSAGE_BYTES) } }))

    expect(again.envelope.dataref).toBe(first.envelope.dataref)
    expect(await loadData(artifacts, again)).toEqual(LARGE_DATA)
  })

  it('refuses what is too large even for that', async () => {
    const message = messageOf({ data: 'x'.repeat(MAX_REFERENCED_BYTES) })

    await expect(referenceData(memoryArtifactStore(), message)).rejects.toMatchObject({ code: 'payload_too_large' })
  })

  it('tells messages apart that differ in who sends them, and to whom', () => {
    const keys = [
      messageOf(),
      messageOf({}, 'globex'),
      messageOf({ id: 'm2' }),
      messageOf({ source: '/other' }),
      messageOf({ topic: 'others' }),
      messageOf({ topic: undefined, to: 'questions' }),
    ].map(dataKey)

    expect(new Set(keys).size).toBe(6)
  })
})

describe('a reference that somebody made up', () => {
  const ofTenantB = dataKey(messageOf({}, 'globex'))

  it.each([
    ['to the data of another tenant', ofTenantB],
    ['to the data of another message', dataKey(messageOf({ id: 'm2' }))],
    ['out of the folder of the tenant', `T/acme/messages/../../globex/messages/${ofTenantB.split('/').at(-1)}`],
    ['to an address', 'https://169.254.169.254/latest/meta-data'],
    ['to an address of S3', 's3://bucket/T/globex/messages/1'],
    ['to nothing', ''],
  ])('is refused: %s', async (_what, dataref) => {
    const artifacts = memoryArtifactStore()
    await artifacts.put(dataref, '"a secret"')
    const message = messageOf({ data: null, dataref })

    expect(() => requireOwnData(message)).toThrow(expect.objectContaining({ code: 'validation_error' }))
    await expect(loadData(artifacts, message)).rejects.toMatchObject({ code: 'validation_error' })
  })

  it('is refused beside data', () => {
    const message = messageOf({ data: 'both' })

    expect(() => requireOwnData({ ...message, envelope: { ...message.envelope, dataref: dataKey(message) } })).toThrow(/data/)
  })
})

describe('loadData', () => {
  it('gives data that travelled with its message', async () => {
    expect(await loadData(memoryArtifactStore(), messageOf({ data: [1] }))).toEqual([1])
  })

  it('says when data is no longer kept', async () => {
    const message = messageOf({ data: null })
    const referring = { ...message, envelope: { ...message.envelope, dataref: dataKey(message) } }

    await expect(loadData(memoryArtifactStore(), referring)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('dataPath', () => {
  it('is a path whatever source and id are', () => {
    const path = dataPath({ topic: 'questions', source: '/principals/ada?x=1&y', id: 'a b/../c' })

    const url = new URL(path, 'http://localhost')
    expect(url.pathname).toBe('/v1/topics/questions/data')
    expect(Object.fromEntries(url.searchParams)).toEqual({ source: '/principals/ada?x=1&y', id: 'a b/../c' })
  })
})
