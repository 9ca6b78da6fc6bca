import type { SendMessageCommandInput } from '@aws-sdk/client-sqs'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { lazy } from '#shared/platform/lazy.ts'

/** Sends one message to a queue. */
export type SqsSender = (message: SendMessageCommandInput) => Promise<void>

/**
 * Sends with one SQS client a container. The SDK is loaded with the first message: functions that seldom send do not pay for it when
 * they start.
 */
export function sqsSender(): SqsSender {
  const sender = lazy(load)
  return async (message) => (await sender())(message)
}

async function load(): Promise<SqsSender> {
  const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs')
  const client = new SQSClient(AWS_CLIENT_CONFIG)
  return async (message) => {
    const MessageBody = message.MessageBody?.replace(REFUSED, escaped)
    await client.send(new SendMessageCommand({ ...message, MessageBody })).catch((error: unknown) => {
      throw fromAwsError(error, 'the queue')
    })
  }
}

/**
 * What JSON leaves as it is and SQS refuses with the whole message (API reference, SendMessage). It can only stand in a text of the JSON, where
 * its escape says the same.
 */
const REFUSED = /[\uFFFE\uFFFF]/g
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16)}`
