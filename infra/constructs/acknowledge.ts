import { Aws, Validations } from 'aws-cdk-lib/core'
import type { IConstruct } from 'constructs'

/**
 * Accepts findings of the checks at one construct and what is below it.
 *
 * @param reasons - why, by the finding's id, as the report prints it: `AwsSolutions-SQS3`, `AwsSolutions-IAM5[Resource::*]`
 */
export function acknowledge(scope: IConstruct, reasons: Record<string, string>): void {
  Validations.of(scope).acknowledge(...Object.entries(reasons).map(([id, reason]) => ({ id, reason })))
}

/** Accepts one resource with a wildcard in a policy. Pseudo parameters in `arn` are written as the checks print them. */
export function acknowledgeWildcard(scope: IConstruct, arn: string, reason: string): void {
  const printed = arn
    .replaceAll(Aws.PARTITION, '<AWS::Partition>')
    .replaceAll(Aws.REGION, '<AWS::Region>')
    .replaceAll(Aws.ACCOUNT_ID, '<AWS::AccountId>')
  acknowledge(scope, { [`AwsSolutions-IAM5[Resource::${printed}]`]: reason })
}
