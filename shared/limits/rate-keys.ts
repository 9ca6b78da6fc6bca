import { sha256 } from '#shared/platform/sha256.ts'

/** Keys of the streams table around limits. */

/** A tenant's bucket; it also says whether the tenant is closed. */
export const tenantBucketKey = (tenant: string): { pk: string; sk: string } => ({ pk: `T#${tenant}#RATE`, sk: 'BUCKET' })

/** A subject may be as long and as odd as a token says: its hash is neither. */
export const principalBucketKey = (tenant: string, subject: string): { pk: string; sk: string } => ({
  pk: `T#${tenant}#RATE#${sha256(subject, 'base64url')}`,
  sk: 'BUCKET',
})
