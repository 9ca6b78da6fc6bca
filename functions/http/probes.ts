import { DescribeEventBusCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import { readTokenSecrets, type TokenSecretDependencies } from '#shared/access/token-secret.ts'
import { AWS_CLIENT_CONFIG } from '#shared/platform/aws-client-config.ts'
import type { Probe } from './readiness.ts'

/** Half a read unit: no such item exists. */
export const tableProbe = (client: DynamoDBDocumentClient, name: string, table: string): Probe => ({
  name,
  check: (abortSignal) => client.send(new GetCommand({ TableName: table, Key: { pk: 'PROBE', sk: 'PROBE' } }), { abortSignal }),
})

/** The SDK is loaded with the first question, as in the queue's adapter. */
export const queueProbe = (name: string, queueUrl: string): Probe => ({
  name,
  async check(abortSignal) {
    const { GetQueueAttributesCommand, SQSClient } = await import('@aws-sdk/client-sqs')
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] })
    const client = new SQSClient(AWS_CLIENT_CONFIG)
    try {
      await client.send(command, { abortSignal })
    } finally {
      client.destroy()
    }
  },
})

/** Asks for the bus. */
export const busProbe = (client: EventBridgeClient, name: string, busName: string): Probe => ({
  name,
  check: (abortSignal) => client.send(new DescribeEventBusCommand({ Name: busName }), { abortSignal }),
})

/** Reads the secret of tokens. */
export const tokenSecretProbe = (dependencies: TokenSecretDependencies): Probe => ({
  name: 'token secret',
  check: () => readTokenSecrets(dependencies),
})
