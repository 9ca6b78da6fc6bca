import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi'
import type { SQSEvent } from 'aws-lambda'

/** The bare path: one frame for each message, and nothing else. What every streaming product on these services takes at least. */

/** `id` names the sample, so that its frame is recognised. */
export type BareMessage = { connectionId: string; id: string }
/** `handledAt`: when the function began with the message, in milliseconds since the epoch. */
export type BareFrame = { id: string; handledAt: number }

const client = new ApiGatewayManagementApiClient({ endpoint: process.env.CONNECTIONS_ENDPOINT ?? '' })

export async function handler(event: SQSEvent): Promise<void> {
  for (const record of event.Records) {
    const { connectionId, id }: BareMessage = JSON.parse(record.body)
    const frame: BareFrame = { id, handledAt: Date.now() }
    await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: JSON.stringify(frame) }))
  }
}
