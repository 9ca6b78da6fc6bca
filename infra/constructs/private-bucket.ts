import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps, type IBucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import type { StageConfig } from '../stage-config.ts'
import { removalPolicy } from './removal.ts'

/** A bucket that is private, encrypted and TLS only. */
export function privateBucket(scope: Construct, id: string, config: StageConfig, props: BucketProps = {}): IBucket {
  const bucket = new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    removalPolicy: removalPolicy(config),
    ...props,
  })
  // aws-cdk-lib declares `Bucket.isWebsite` wider than `IBucket.isWebsite`, which exactOptionalPropertyTypes refuses.
  return bucket as IBucket
}
