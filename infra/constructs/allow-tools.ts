import { Aws } from 'aws-cdk-lib/core'
import { toolFunctionName } from '#shared/platform/names.ts'
import { declaredTools } from '../declared-tools.ts'
import type { StageConfig } from '../stage-config.ts'
import type { SluiceFunction } from './sluice-function.ts'

/** Lets a function call the tools, each by its name: they are deployed after it. */
export function allowTools(handler: SluiceFunction, config: StageConfig): void {
  const names = declaredTools(config).map(({ id }) => toolFunctionName(config.platform, id))
  if (names.length === 0) return
  const arns = names.map((name) => `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:${name}`)
  handler.allow(['lambda:InvokeFunction'], ...arns)
}
