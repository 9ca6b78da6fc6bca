import { Aws } from 'aws-cdk-lib/core'
import {
  agentQueueName,
  changesDeadLetterQueueName,
  deadLetterQueueName,
  serviceSecretName,
  sweepDeadLetterQueueName,
} from '#shared/platform/names.ts'
import { declaredAgents } from '../declared-agents.ts'
import type { DataStack } from '../stacks/data-stack.ts'
import type { MessagingStack } from '../stacks/messaging-stack.ts'
import type { StageConfig } from '../stage-config.ts'
import { acknowledgeWildcard } from './acknowledge.ts'
import { ownSecret } from './allow-providers.ts'
import type { SluiceFunction } from './sluice-function.ts'

/** Lets a function see how full the queues are. Those of functions that are deployed after it are named, not referred to. */
export function allowQueueDepths(handler: SluiceFunction, messaging: MessagingStack, config: StageConfig): void {
  const { ingress, work, deliveries, connections, erasures } = messaging
  const ofAgents = declaredAgents(config).map(({ id }) => agentQueueName(config.platform, id))
  const later = [
    ...ofAgents.flatMap((name) => [name, deadLetterQueueName(name)]),
    sweepDeadLetterQueueName(config.platform),
    changesDeadLetterQueueName(config.platform),
  ]
  handler.allow(
    ['sqs:GetQueueAttributes'],
    ...[ingress, work, deliveries, connections, erasures].flatMap(({ queue, deadLetters }) => [
      queue.queueArn,
      deadLetters.queueArn,
    ]),
    ...later.map((name) => `arn:${Aws.PARTITION}:sqs:${Aws.REGION}:${Aws.ACCOUNT_ID}:${name}`),
  )
}

/** Lets a function see whether secrets are there; what is in those of providers it never sees. */
export function allowSecretStates(handler: SluiceFunction, { tokenSecret, webhookSecret }: DataStack, config: StageConfig): void {
  const name = serviceSecretName(config.platform, '*')
  const secrets = `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${name}-*`
  acknowledgeWildcard(handler, secrets, 'one secret for each model provider, created after deployment')
  handler.allow(['secretsmanager:DescribeSecret'], secrets, ...ownSecret(config), tokenSecret.secretArn, webhookSecret.secretArn)
}
