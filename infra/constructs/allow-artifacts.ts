import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Stack } from 'aws-cdk-lib/core'
import { acknowledgeWildcard } from './acknowledge.ts'
import type { SluiceFunction } from './sluice-function.ts'

/** Prefix of everything that belongs to a tenant. */
const TENANTS = 'T/'

/** Lets a function read, or read and write, the payloads of tenants that are too large to travel. It may list, so that a missing one is told from a forbidden one. */
export function allowArtifacts(handler: SluiceFunction, bucket: IBucket, access: 'read' | 'write'): void {
  const objects = `${bucket.bucketArn}/${TENANTS}*`
  handler.allow(access === 'read' ? ['s3:GetObject'] : ['s3:GetObject', 's3:PutObject'], objects)
  handler.allow(['s3:ListBucket'], bucket.bucketArn)
  acknowledgeWildcard(handler, String(Stack.of(handler).resolve(objects)), 'keys of payloads are not known before')
}
