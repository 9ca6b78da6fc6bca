import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { lazy } from '#shared/platform/lazy.ts'
import type { ArtifactStore } from './artifact-store.ts'

/** An object of 5 MB takes longer than a call to a table. */
const REQUEST_TIMEOUT_MS = 15_000
/** Longest pause within an answer, in milliseconds. */
const SILENCE_MS = 5_000

/** S3's answers by name (API reference, PutObject and GetObject). */
const TAKEN = 'PreconditionFailed'
/** Somebody else is just writing it, and may fail. */
const BUSY = 'ConditionalRequestConflict'
const MISSING = 'NoSuchKey'

/**
 * Artifacts in a bucket. The SDK is loaded with the first one: most messages are small, and a function that never meets a large one does
 * not pay for it when it starts.
 *
 * @param createClient - makes the client; tests pass their own
 */
export function s3ArtifactStore(bucket: string, createClient: () => Promise<S3Client> = s3Client): ArtifactStore {
  const client = lazy(createClient)

  async function store(key: string, text: string, condition: Pick<PutObjectCommandInput, 'IfNoneMatch'> = {}): Promise<void> {
    const { PutObjectCommand } = await import('./s3-sdk.ts')
    const object = { Bucket: bucket, Key: key, Body: text, ContentType: 'application/json', ...condition }
    await (await client()).send(new PutObjectCommand(object)).catch((error: unknown) => {
      if (nameOf(error) === BUSY) throw new SluiceError('unavailable', 'the same object is just being stored', { cause: error })
      if (nameOf(error) !== TAKEN) throw fromAwsError(error, 'the store of large payloads')
    })
  }

  return {
    put: (key, text) => store(key, text, { IfNoneMatch: '*' }),
    replace: (key, text) => store(key, text),

    async get(key) {
      const { GetObjectCommand } = await import('./s3-sdk.ts')
      try {
        const { Body } = await (await client()).send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        return await Body?.transformToString()
      } catch (error) {
        if (nameOf(error) === MISSING) return undefined
        throw fromAwsError(error, 'the store of large payloads')
      }
    },
  }
}

async function s3Client(): Promise<S3Client> {
  const { S3Client } = await import('./s3-sdk.ts')
  const requestHandler = { ...AWS_CLIENT_CONFIG.requestHandler, requestTimeout: REQUEST_TIMEOUT_MS, socketTimeout: SILENCE_MS }
  // Path style: emulators have no host for each bucket.
  return new S3Client({ ...AWS_CLIENT_CONFIG, requestHandler, forcePathStyle: true })
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')
