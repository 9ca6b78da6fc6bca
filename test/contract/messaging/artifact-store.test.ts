import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import type { ArtifactStore } from '#shared/messaging/artifact-store.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { s3ArtifactStore } from '#shared/messaging/s3-artifact-store.ts'
import { newId } from '#shared/platform/ids.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import '../../helpers/provided-context.ts'

const BUCKET = `artifacts-${newId()}`
const s3 = new S3Client({ endpoint: inject('emulatorUrl'), forcePathStyle: true })

beforeAll(async () => {
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
})

const stores: [string, ArtifactStore][] = [
  ['memory', memoryArtifactStore()],
  ['the emulator', s3ArtifactStore(BUCKET, async () => s3)],
]

describe.each(stores)('ArtifactStore on %s', (_name, artifacts) => {
  it('gives back what it was given', async () => {
    const key = `T/acme/messages/${newId()}`
    const text = JSON.stringify({ content: 'Why – ¿? 🙂' })

    await artifacts.put(key, text)

    expect(await artifacts.get(key)).toBe(text)
    expect(await artifacts.get(`${key}-not`)).toBeUndefined()
  })

  it('writes a key once', async () => {
    const key = newId()
    await artifacts.put(key, 'first')

    await artifacts.put(key, 'second')

    expect(await artifacts.get(key)).toBe('first')
  })

  it('lets one of many writers at once win', async () => {
    const key = newId()

    const results = await Promise.allSettled(['a', 'b', 'c', 'd'].map((text) => artifacts.put(key, text)))

    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
    expect(await artifacts.get(key)).toMatch(/^[abcd]$/)
  })

  it('replaces where that is asked for', async () => {
    const key = newId()
    await artifacts.put(key, 'first')

    await artifacts.replace(key, 'second')

    expect(await artifacts.get(key)).toBe('second')
  })

  it('takes as much as a request may be', async () => {
    const key = newId()

    await artifacts.put(key, 'x'.repeat(MAX_REFERENCED_BYTES))

    expect(await artifacts.get(key)).toHaveLength(MAX_REFERENCED_BYTES)
  })
})
