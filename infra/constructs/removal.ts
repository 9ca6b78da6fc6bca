import { RemovalPolicy } from 'aws-cdk-lib/core'
import type { StageConfig } from '../stage-config.ts'

/** What CloudFormation does with data when its stack is deleted. */
export function removalPolicy(config: StageConfig): RemovalPolicy {
  return config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY
}
