import type { IDistribution } from 'aws-cdk-lib/aws-cloudfront'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment'
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core'
import { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'

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
      sources: [Source.asset(props.directory, { exclude: ['*', '!assets/**'] })],
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
    this.acknowledgeCopier()
  }

  /** The function that copies is CDK's own: a singleton of the stack, which has no settings for any of this. */
  private acknowledgeCopier(): void {
    const reason =
      'the function is made by aws-cdk-lib (BucketDeployment), runs at deployment only, and cannot be configured further'
    const copier = Stack.of(this).node.children.find((child) => child.node.id.startsWith('Custom::CDKBucketDeployment'))
    if (copier === undefined) throw new Error('aws-cdk-lib no longer makes the function Custom::CDKBucketDeployment')
    acknowledge(copier, Object.fromEntries(COPIER_FINDINGS.map((id) => [id, reason])))
  }
}

const COPIER_FINDINGS: string[] = []
