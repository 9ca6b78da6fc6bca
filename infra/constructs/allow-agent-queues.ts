import { Aws } from 'aws-cdk-lib/core'
import { agentQueueName } from '#shared/platform/names.ts'
import { declaredAgents } from '../declared-agents.ts'
import type { StageConfig } from '../stage-config.ts'
import type { SluiceFunction } from './sluice-function.ts'

/** Lets a function send work to the agents in code. Their queues are named, not referred to: they are deployed after it. */
export function allowAgentQueues(handler: SluiceFunction, config: StageConfig): void {
  const queues = declaredAgents(config).map(({ id }) => agentQueueName(config.platform, id))
  if (queues.length === 0) return
  const arns = queues.map((name) => `arn:${Aws.PARTITION}:sqs:${Aws.REGION}:${Aws.ACCOUNT_ID}:${name}`)
  handler.allow(['sqs:SendMessage'], ...arns)
}
