import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Stack } from 'aws-cdk-lib/core'
import { acknowledgeWildcard } from './acknowledge.ts'
import type { SluiceFunction } from './sluice-function.ts'

/** Lets a function list what belongs to tenants in a bucket and delete every version of it. @param besides - further actions on the objects */
export function allowErasure(handler: SluiceFunction, bucket: IBucket, besides: string[] = []): void {
  const ofTenants = `${bucket.bucketArn}/T/*`
  handler.allow(['s3:DeleteObject', 's3:DeleteObjectVersion', ...besides], ofTenants)
  handler.allow(['s3:ListBucketVersions'], bucket.bucketArn)
  const { 'Fn::GetStackOutput': output, 'Fn::GetAtt': own } = Stack.of(handler).resolve(bucket.bucketArn)
  const printed = output === undefined ? `<${own?.[0]}.Arn>` : JSON.stringify({ 'Fn::GetStackOutput': output })
  acknowledgeWildcard(handler, `${printed}/T/*`, 'ids of tenants are not known before; it erases nothing else')
}
