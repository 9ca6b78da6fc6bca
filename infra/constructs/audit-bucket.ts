import { type IBucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3'
import { Duration } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import type { StageConfig } from '../stage-config.ts'
import { acknowledge } from './acknowledge.ts'
import { privateBucket } from './private-bucket.ts'

/**
 * Exported days of the audit log. Every version is kept; in production nobody removes one before the records themselves would have gone,
 * but with the right to pass over the governance of S3, which the erasure of a tenant takes.
 */
export function auditBucket(scope: Construct, config: StageConfig): IBucket {
  const kept = Duration.days(config.auditRetentionDays)
  const bucket = privateBucket(scope, 'AuditExports', config, {
    versioned: true,
    ...(config.stage === 'prod' && { objectLockDefaultRetention: ObjectLockRetention.governance(kept) }),
    lifecycleRules: [{ expiration: kept, noncurrentVersionExpiration: Duration.days(1) }],
  })
  acknowledge(bucket, { 'AwsSolutions-S1': 'whoever reads an export has read the log itself, and asking for one stands in it' })
  return bucket
}
