import type { Message, MessageAttributeValue, SQSClient } from '@aws-sdk/client-sqs'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { lazy } from '#shared/platform/lazy.ts'
import {
  agentQueueName,
  deadLetterQueueName,
  ingressQueueName,
  MESSAGE_ID_ATTRIBUTE,
  TENANT_ATTRIBUTE,
  TOPIC_ATTRIBUTE,
  workQueueName,
} from '#shared/platform/names.ts'
import { type DeadLetters, HIDDEN_SECONDS, type StoredLetter } from './dead-letters.ts'
import { firstIdOf } from './read-dead-letter.ts'
import { withinAttributeLimit } from './sqs-message-attributes.ts'

/** Most messages of one call (SQS quota). */
const BATCH_SIZE = 10
/** SQS then asks all of its servers, so an empty answer means an empty queue. Seconds. */
const WAIT_SECONDS = 1
/** Attributes that say why it is there: what comes back starts anew. EventBridge writes those in capitals. */
const REASONS = new Set([
  'code',
  'detail',
  'ERROR_CODE',
  'ERROR_MESSAGE',
  'RULE_ARN',
  'TARGET_ARN',
  'EXHAUSTED_RETRY_CONDITION',
  'RETRY_ATTEMPTS',
])

export type SqsDeadLettersOptions = {
  platform: string
  /** Any queue of the platform: all of them stand beside each other. */
  queueUrl: string
  /** Ids of the agents that were deployed as code and have queues of their own. */
  declaredAgents: readonly string[]
}

/** The dead-letter queues on SQS, which stay what alarms look at. The SDK is loaded with the first look. */
export function sqsDeadLetters({ platform, queueUrl, declaredAgents }: SqsDeadLettersOptions): DeadLetters {
  const names = new Map([
    ['ingress', ingressQueueName(platform)],
    ['work', workQueueName(platform)],
    ...declaredAgents.map((agentId): [string, string] => [`agent-${agentId}`, agentQueueName(platform, agentId)]),
  ])
  const base = queueUrl.slice(0, queueUrl.lastIndexOf('/') + 1)
  const sourceOf = (queue: string): string => base + names.get(queue)
  const urlOf = (queue: string): string => deadLetterQueueName(sourceOf(queue))

  const sdk = lazy(async () => {
    const sqs = await import('@aws-sdk/client-sqs')
    return { sqs, client: new sqs.SQSClient(AWS_CLIENT_CONFIG) }
  })
  const call = async <Result>(
    run: (sqs: typeof import('@aws-sdk/client-sqs'), client: SQSClient) => Promise<Result>,
  ): Promise<Result> => {
    const { sqs, client } = await sdk()
    return run(sqs, client).catch((error: unknown) => {
      throw fromAwsError(error, 'the queue')
    })
  }

  return {
    queues: [...names.keys()],

    receive: (queue, abortSignal) =>
      call(async ({ ReceiveMessageCommand }, client) => {
        const command = new ReceiveMessageCommand({
          QueueUrl: urlOf(queue),
          MaxNumberOfMessages: BATCH_SIZE,
          VisibilityTimeout: HIDDEN_SECONDS,
          WaitTimeSeconds: WAIT_SECONDS,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
        })
        const { Messages = [] } = await client.send(command, { abortSignal })
        return Messages.map((message) => toLetter(queue, message))
      }),

    release: (letters) =>
      call(async ({ ChangeMessageVisibilityBatchCommand }, client) => {
        const byQueue = Map.groupBy(letters, ({ queue }) => queue)
        const batches = [...byQueue].flatMap(([queue, held]) => batchesOf(held).map((batch) => ({ queue, batch })))
        // What cannot be shown now shows itself when its time is up.
        await Promise.allSettled(
          batches.map(({ queue, batch }) => {
            const Entries = batch.map(({ receipt }, index) => ({
              Id: String(index),
              ReceiptHandle: receipt,
              VisibilityTimeout: 0,
            }))
            return client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: urlOf(queue), Entries }))
          }),
        )
      }),

    sendBack: (letter, tenant) =>
      call(async ({ SendMessageCommand }, client) => {
        await client.send(
          new SendMessageCommand({
            QueueUrl: sourceOf(letter.queue),
            MessageBody: letter.body,
            MessageAttributes: returningAttributes(letter),
            MessageGroupId: tenant,
          }),
        )
      }),

    remove: ({ queue, receipt }) =>
      call(async ({ DeleteMessageCommand }, client) => {
        await client.send(new DeleteMessageCommand({ QueueUrl: urlOf(queue), ReceiptHandle: receipt }))
      }),
  }
}

function toLetter(queue: string, { MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Message): StoredLetter {
  return {
    queue,
    id: String(MessageId),
    receipt: String(ReceiptHandle),
    body: String(Body),
    sentAt: Number(Attributes?.SentTimestamp),
    receiveCount: Number(Attributes?.ApproximateReceiveCount),
    attributes: MessageAttributes ?? {},
  }
}

/** As it came first, and its first id: a message that its queue gave up on by itself does not have it yet. */
function returningAttributes(letter: StoredLetter): Record<string, MessageAttributeValue> {
  const kept = Object.entries(letter.attributes).flatMap(([name, { DataType = 'String', StringValue, BinaryValue }]) =>
    REASONS.has(name) ? [] : [[name, { DataType, StringValue, BinaryValue }] as const],
  )
  const identity = kept.filter(([name]) => name === TENANT_ATTRIBUTE || name === TOPIC_ATTRIBUTE)
  const first: MessageAttributeValue = { DataType: 'String', StringValue: firstIdOf(letter) }
  return withinAttributeLimit({ ...Object.fromEntries(identity), [MESSAGE_ID_ATTRIBUTE]: first }, Object.fromEntries(kept))
}

function batchesOf<Item>(items: readonly Item[]): Item[][] {
  const starts = Array.from({ length: Math.ceil(items.length / BATCH_SIZE) }, (_none, index) => index * BATCH_SIZE)
  return starts.map((start) => items.slice(start, start + BATCH_SIZE))
}
