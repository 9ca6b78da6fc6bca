import { type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'

/** Messages of a queue with all their attributes, as soon as there are some; waits five seconds at the most. */
export async function receiveFrom(client: SQSClient, queueUrl: string): Promise<Message[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      WaitTimeSeconds: 5,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  )
  return Messages
}
