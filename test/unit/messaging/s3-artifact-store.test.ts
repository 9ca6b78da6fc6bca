import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it } from 'vitest'
import { s3ArtifactStore } from '#shared/messaging/s3-artifact-store.ts'

function setup() {
  const client = new S3Client({ region: 'us-east-1' })
  return { service: mockClient(client), artifacts: s3ArtifactStore('bucket', async () => client) }
}

const named = (name: string, httpStatusCode: number) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode } })

describe('s3ArtifactStore', () => {
  it('asks S3 to write a key once', async () => {
    const { service, artifacts } = setup()
    service.on(PutObjectCommand).resolves({})

    await artifacts.put('T/acme/messages/1', '{}')

    expect(service.commandCalls(PutObjectCommand).map(({ args }) => args[0].input)).toEqual([
      { Bucket: 'bucket', Key: 'T/acme/messages/1', Body: '{}', ContentType: 'application/json', IfNoneMatch: '*' },
    ])
  })

  it('is content with what stands there', async () => {
    const { service, artifacts } = setup()
    service.on(PutObjectCommand).rejects(named('PreconditionFailed', 412))

    await expect(artifacts.put('key', '{}')).resolves.toBeUndefined()
  })

  it.each([
    ['SlowDown', 503],
    ['InternalError', 500],
    ['ConditionalRequestConflict', 409],
  ])('says %s as unavailable, with its cause', async (name, status) => {
    const { service, artifacts } = setup()
    service.on(PutObjectCommand).rejects(named(name, status))

    await expect(artifacts.put('key', '{}')).rejects.toMatchObject({ code: 'unavailable', retryable: true, cause: { name } })
  })

  it('says a failed read as unavailable, and a missing object as missing', async () => {
    const { service, artifacts } = setup()
    service.on(GetObjectCommand).rejectsOnce(named('SlowDown', 503)).rejectsOnce(named('NoSuchKey', 404))

    await expect(artifacts.get('key')).rejects.toMatchObject({ code: 'unavailable' })
    expect(await artifacts.get('key')).toBeUndefined()
  })

  it('passes on what is our mistake', async () => {
    const { service, artifacts } = setup()
    service.on(GetObjectCommand).rejects(named('AccessDenied', 403))
    service.on(PutObjectCommand).rejects(named('NoSuchBucket', 404))

    await expect(artifacts.get('key')).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(artifacts.put('key', '')).rejects.toMatchObject({ name: 'NoSuchBucket' })
  })
})
