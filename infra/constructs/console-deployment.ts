import { join } from 'node:path'
import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment'
import { type CfnElement, DefaultStackSynthesizer, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { acknowledge, acknowledgeWildcard } from './acknowledge.ts'

export type ConsoleDeploymentProps = {
  /** Directory of the built console: `index.html` and hashed files under `assets`. */
  directory: string
  bucket: IBucket
  distribution: IDistribution
}

/** Copies the built console to its bucket at every deployment. Hashed files are kept for a year, the page itself is asked for anew. */
export class ConsoleDeployment extends Construct {
  constructor(scope: Construct, id: string, props: ConsoleDeploymentProps) {
    super(scope, id)
    const logGroup = new LogGroup(this, 'LogGroup', { retention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY })
    const copy = { destinationBucket: props.bucket, logGroup, prune: false }
    const assets = new BucketDeployment(this, 'Assets', {
      ...copy,
      sources: [Source.asset(join(props.directory, 'assets'))],
      destinationKeyPrefix: 'assets',
      cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
    })
    const pages = new BucketDeployment(this, 'Pages', {
      ...copy,
      sources: [Source.asset(props.directory, { exclude: ['assets'] })],
      cacheControl: [CacheControl.noCache()],
      distribution: props.distribution,
      distributionPaths: ['/*'],
    })
    // A page must never name a file that is not there yet.
    pages.node.addDependency(assets)
    acknowledgeCopier(Stack.of(this), props.bucket)
  }
}

/** The function that copies is made by aws-cdk-lib, once a stack, and has no settings for any of this. */
function acknowledgeCopier(stack: Stack, bucket: IBucket): void {
  const copier = stack.node.children.find((child) => child.node.id.startsWith('Custom::CDKBucketDeployment'))
  if (copier === undefined) throw new Error('aws-cdk-lib no longer makes a function Custom::CDKBucketDeployment…')
  const reason = 'BucketDeployment of aws-cdk-lib: runs at deployment only, and cannot be configured further'
  acknowledge(copier, Object.fromEntries(COPIER_FINDINGS.map((id) => [id, reason])))
  const bucketId = stack.getLogicalId(bucket.node.defaultChild as CfnElement)
  const staging = `arn:${stack.partition}:s3:::cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets-${stack.account}-${stack.region}/*`
  for (const arn of ['*', `<${stack.resolve(bucketId)}.Arn>/*`, staging]) {
    acknowledgeWildcard(copier, arn, reason)
  }
}

const COPIER_FINDINGS = [
  'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
  'AwsSolutions-IAM5[Action::s3:GetBucket*]',
  'AwsSolutions-IAM5[Action::s3:GetObject*]',
  'AwsSolutions-IAM5[Action::s3:List*]',
  'AwsSolutions-IAM5[Action::s3:Abort*]',
  'AwsSolutions-IAM5[Action::s3:DeleteObject*]',
  'AwsSolutions-L1',
  'Serverless-LambdaDLQ',
  'Serverless-LambdaLatestVersion',
  'Serverless-LambdaTracing',
]
