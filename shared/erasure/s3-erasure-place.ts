import { DeleteObjectsCommand, ListObjectVersionsCommand, type ObjectIdentifier, S3Client } from '@aws-sdk/client-s3'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { ErasurePlace } from './erasure-place.ts'

/** Objects that one step looks at. */
const PAGE = 500

/**
 * The objects of a tenant in a bucket, with all of their versions: those below `T/<tenant>/`. The list begins anew with each step, since what
 * it met is gone.
 *
 * @param options.isLocked - passes over the governance of Object Lock, which takes a right of its own
 */
export function s3ErasurePlace(
  name: string,
  bucket: string,
  { isLocked = false, client = s3Client() }: { isLocked?: boolean; client?: S3Client } = {},
): ErasurePlace {
  async function step(tenant: string) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: `T/${tenant}/`, MaxKeys: PAGE }))
    const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(
      ({ Key = '', VersionId }): ObjectIdentifier => ({ Key, ...(VersionId !== undefined && { VersionId }) }),
    )
    if (Objects.length === 0) return { looked: 0, found: 0 }
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects, Quiet: true },
        ...(isLocked && { BypassGovernanceRetention: true }),
      }),
    )
    const [failed] = Errors
    if (failed)
      throw new SluiceError('unavailable', `${Errors.length} objects of "${bucket}" could not be erased: ${failed.Code}`)
    return { looked: Objects.length, found: Objects.length, ...(page.IsTruncated && { next: 'rest' }) }
  }

  return {
    name,
    erase: (tenant) =>
      step(tenant).catch((error: unknown) => {
        throw fromAwsError(error, `the bucket "${bucket}"`)
      }),
  }
}

/** Path style: emulators have no host for each bucket. */
const s3Client = (): S3Client => new S3Client({ ...AWS_CLIENT_CONFIG, forcePathStyle: true })
