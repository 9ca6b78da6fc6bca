import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import type { ExportFiles } from './export-files.ts'

/** A day may be large. Milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000

/** Files in a bucket; each write carries its SHA-256. */
export function s3ExportFiles(bucket: string): ExportFiles {
  const requestHandler = { ...AWS_CLIENT_CONFIG.requestHandler, requestTimeout: REQUEST_TIMEOUT_MS }
  // Path style: emulators have no host for each bucket.
  const client = new S3Client({ ...AWS_CLIENT_CONFIG, requestHandler, forcePathStyle: true })
  return {
    bucket,
    async put(Key, Body, ContentType) {
      // A bucket with Object Lock asks for a checksum.
      const ChecksumSHA256 = sha256(Body, 'base64')
      await client
        .send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType, ChecksumSHA256 }))
        .catch((error: unknown) => {
          throw fromAwsError(error, 'the store of audit exports')
        })
    },
  }
}
