import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { acknowledgeWildcard } from './acknowledge.ts'

/** Permission to list what belongs to tenants in these buckets, and to delete every version of it, whatever Object Lock says. */
export function erasurePolicy(scope: Construct, id: string, buckets: readonly IBucket[]): ManagedPolicy {
  const ofTenants = (bucketArn: string) => `${bucketArn}/T/*`
  const policy = new ManagedPolicy(scope, id, {
    description: 'Erases what belongs to a tenant of Sluice in buckets',
    statements: [
      new PolicyStatement({
        actions: ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'],
        resources: buckets.map(({ bucketArn }) => ofTenants(bucketArn)),
      }),
      new PolicyStatement({ actions: ['s3:ListBucketVersions'], resources: buckets.map(({ bucketArn }) => bucketArn) }),
    ],
  })
  for (const { bucketArn } of buckets) {
    const [logicalId] = Stack.of(scope).resolve(bucketArn)['Fn::GetAtt']
    acknowledgeWildcard(policy, ofTenants(`<${logicalId}.Arn>`), 'ids of tenants are not known before')
  }
  return policy
}
