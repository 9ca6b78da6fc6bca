import type { QueueAttributeName } from '@aws-sdk/client-sqs'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { lazy } from '#shared/platform/lazy.ts'
import {
  agentQueueName,
  changesDeadLetterQueueName,
  connectionsQueueName,
  deadLetterQueueName,
  deliveryQueueName,
  erasureQueueName,
  ingressQueueName,
  sweepDeadLetterQueueName,
  workQueueName,
} from '#shared/platform/names.ts'
import type { QueueDepth, QueueDepths } from './queue-depths.ts'

type Named = Pick<QueueDepth, 'name' | 'purpose' | 'deadLetters'>

const ATTRIBUTES = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const satisfies readonly QueueAttributeName[]

export type SqsQueueDepthsOptions = {
  platform: string
  /** Any queue of the platform: all of them stand beside each other. */
  queueUrl: string
  /** Ids of the agents that were deployed as code and have queues of their own. */
  declaredAgents: readonly string[]
}

/** Depths as SQS knows them, about a minute old at the most. The SDK is loaded with the first look. */
export function sqsQueueDepths({ platform, queueUrl, declaredAgents }: SqsQueueDepthsOptions): QueueDepths {
  const queues = namedQueues(platform, declaredAgents)
  const base = queueUrl.slice(0, queueUrl.lastIndexOf('/') + 1)
  const sdk = lazy(loadSdk)

  async function depthOf(queue: Named): Promise<QueueDepth> {
    const { sqs, client } = await sdk()
    const command = new sqs.GetQueueAttributesCommand({ QueueUrl: base + queue.name, AttributeNames: [...ATTRIBUTES] })
    const { Attributes = {} } = await client.send(command).catch((error: unknown) => {
      throw fromAwsError(error, `the queue "${queue.name}"`)
    })
    const [visible = 0, inFlight = 0, delayed = 0] = ATTRIBUTES.map((name) => Number(Attributes[name] ?? 0))
    return { ...queue, visible, inFlight, delayed }
  }

  return { list: () => Promise.all(queues.map(depthOf)) }
}

async function loadSdk() {
  const sqs = await import('@aws-sdk/client-sqs')
  return { sqs, client: new sqs.SQSClient(AWS_CLIENT_CONFIG) }
}

function namedQueues(platform: string, declaredAgents: readonly string[]): Named[] {
  const sources = [
    { purpose: 'ingress', name: ingressQueueName(platform) },
    { purpose: 'work', name: workQueueName(platform) },
    ...declaredAgents.map((agentId) => ({ purpose: `agent-${agentId}`, name: agentQueueName(platform, agentId) })),
    { purpose: 'deliveries', name: deliveryQueueName(platform) },
    { purpose: 'connections', name: connectionsQueueName(platform) },
    { purpose: 'erasures', name: erasureQueueName(platform) },
  ]
  const withDeadLetters = sources.flatMap(({ purpose, name }) => [
    { purpose, name, deadLetters: false },
    { purpose, name: deadLetterQueueName(name), deadLetters: true },
  ])
  return [
    ...withDeadLetters,
    { purpose: 'sweep', name: sweepDeadLetterQueueName(platform), deadLetters: true },
    { purpose: 'changes', name: changesDeadLetterQueueName(platform), deadLetters: true },
  ]
}
