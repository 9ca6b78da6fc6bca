/**
 * Every `*` in a resource of an identity policy, and why there is nothing narrower. `<…>` stands for what CloudFormation fills in.
 * A wildcard that is not in this list fails the tests.
 */
export const WILDCARDS: { actions: RegExp; resource: RegExp; reason: string }[] = [
  {
    actions: /^xray:Put(TraceSegments|TelemetryRecords)$/,
    resource: /^\*$/,
    reason: 'X-Ray has no resources for these actions',
  },
  {
    actions: /^execute-api:ManageConnections$/,
    resource: /^arn:<>:execute-api:<>:<>:<>\/socket\/(POST|DELETE)\/@connections\/\*$/,
    reason: 'ids of connections are not known at deployment; API and stage are ours',
  },
  {
    actions: /^secretsmanager:(GetSecretValue|DescribeSecret)$/,
    resource: /^arn:<>:secretsmanager:<>:<>:secret:sluice-[a-z]+-\*-secret-\*$/,
    reason: 'keys of model providers are created after deployment, by a name with a fixed beginning and end',
  },
  {
    actions: /^s3:(GetObject|PutObject)$/,
    resource: /^<>\/T\/\*$/,
    reason: 'ids of tenants, messages and executions are not known at deployment; the bucket is ours',
  },
  {
    actions: /^s3:(DeleteObject|DeleteObjectVersion|BypassGovernanceRetention)$/,
    resource: /^<.*>\/T\/\*$/,
    reason: 'the erasure of a tenant, whose name is not known at deployment',
  },
  {
    actions: /^s3:(GetObject|GetBucket|List|DeleteObject|PutObject|Abort)/,
    resource: /^(arn:(<>|aws):s3:::(<>|cdk-[a-z0-9]+-assets-[0-9]+-[a-z0-9-]+)|<>)\/\*$/,
    reason: 'BucketDeployment of aws-cdk-lib copies the console from the bucket of assets to its own',
  },
  {
    actions: /^cloudfront:(GetInvalidation|CreateInvalidation)$/,
    resource: /^\*$/,
    reason: 'BucketDeployment of aws-cdk-lib makes CloudFront forget the console before',
  },
]
