import { CfnOutput, Stack, Tags } from 'aws-cdk-lib/core'
import type { Construct } from 'constructs'
import { type STACKS, stackName } from '#shared/platform/names.ts'
import type { StageConfig } from '../stage-config.ts'

/** Base of our stacks: the name and environment of the stage, tags, and outputs under the keys of `OUTPUT`. */
export class SluiceStack extends Stack {
  constructor(scope: Construct, part: (typeof STACKS)[number], config: StageConfig, description: string) {
    super(scope, stackName(config.stage, part), {
      description,
      terminationProtection: config.removalPolicy === 'retain',
      env: {
        ...(config.account === undefined ? {} : { account: config.account }),
        ...(config.region === undefined ? {} : { region: config.region }),
      },
    })
    Tags.of(this).add('sluice:stage', config.stage)
  }

  /** @param key - a value of `OUTPUT`; it becomes the output's logical id, unchanged */
  protected output(key: string, value: string): void {
    new CfnOutput(this, key, { key, value })
  }
}
