import { Aws } from 'aws-cdk-lib/core'
import { agentQueueName, deadLetterQueueName } from '#shared/platform/names.ts'
import { declaredAgents } from '../declared-agents.ts'
import type { MessagingStack } from '../stacks/messaging-stack.ts'
import type { StageConfig } from '../stage-config.ts'
import type { SluiceFunction } from './sluice-function.ts'

/**
 * Lets a function look into the dead-letter queues of messages and of work, and empty them. Those of agents in code are named, not referred
 * to: they are deployed after it. Sending back needs more: the right to send to each queue.
 */
export function allowDeadLetters(handler: SluiceFunction, { ingress, work }: MessagingStack, config: StageConfig): void {
  const ofAgents = declaredAgents(config).map(({ id }) => {
    const name = deadLetterQueueName(agentQueueName(config.platform, id))
    return `arn:${Aws.PARTITION}:sqs:${Aws.REGION}:${Aws.ACCOUNT_ID}:${name}`
  })
  handler.allow(
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
    ingress.deadLetters.queueArn,
    work.deadLetters.queueArn,
    ...ofAgents,
  )
}
