import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { lazy } from '#shared/platform/lazy.ts'
import type { DeliverAgain } from './deliver-again.ts'

/** How long a queue is tried to be told, in milliseconds: less is lost by waiting than by an invocation that runs out of time. */
const PATIENCE_MS = 5_000

/** Shortens visibility timeouts with one SQS client a container. The SDK is loaded with the first message that fails. */
export function sqsDeliverAgain(): DeliverAgain {
  const deliver = lazy(load)
  return async (message, seconds) => (await deliver())(message, seconds)
}

async function load(): Promise<DeliverAgain> {
  const { ChangeMessageVisibilityCommand, GetQueueUrlCommand, SQSClient } = await import('@aws-sdk/client-sqs')
  const client = new SQSClient(AWS_CLIENT_CONFIG)
  const urls = new Map<string, string | undefined>()

  async function urlOf(queueArn: string, abortSignal: AbortSignal): Promise<string | undefined> {
    const QueueName = queueArn.slice(queueArn.lastIndexOf(':') + 1)
    const url = urls.get(queueArn) ?? (await client.send(new GetQueueUrlCommand({ QueueName }), { abortSignal })).QueueUrl
    urls.set(queueArn, url)
    return url
  }

  return async ({ queueArn, receipt }, seconds) => {
    const abortSignal = AbortSignal.timeout(PATIENCE_MS)
    try {
      const QueueUrl = await urlOf(queueArn, abortSignal)
      const command = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receipt, VisibilityTimeout: seconds })
      await client.send(command, { abortSignal })
    } catch (error) {
      throw fromAwsError(error, 'the queue')
    }
  }
}
