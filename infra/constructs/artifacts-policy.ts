import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Stack } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { acknowledgeWildcard } from './acknowledge.ts'

/** Permission to read, or to read and write, what belongs to tenants in a bucket; a policy that several functions carry. */
export function artifactsPolicy(scope: Construct, id: string, bucket: IBucket, access: 'read' | 'write'): ManagedPolicy {
  const ofTenants = (bucketArn: string) => `${bucketArn}/T/*`
  const policy = new ManagedPolicy(scope, id, {
    description: `What belongs to tenants of Sluice in a bucket: ${access}`,
    statements: [
      new PolicyStatement({
        actions: access === 'read' ? ['s3:GetObject'] : ['s3:GetObject', 's3:PutObject'],
        resources: [ofTenants(bucket.bucketArn)],
      }),
      // Without it, S3 says of what is missing that it is forbidden.
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
    ],
  })
  const [logicalId] = Stack.of(scope).resolve(bucket.bucketArn)['Fn::GetAtt']
  acknowledgeWildcard(policy, ofTenants(`<${logicalId}.Arn>`), 'ids of tenants and messages are not known before')
  return policy
}
