import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import type { ConnectionPoster, PostResult } from './connection-poster.ts'

/** A post that takes longer than this failed, in milliseconds. */
const POST_TIMEOUT_MS = 5_000

/** Frames through the `@connections` API of API Gateway. The senders own the retries, so the SDK makes none. */
export function apiGatewayConnectionPoster(endpoint: string): ConnectionPoster {
  const client = new ApiGatewayManagementApiClient({ endpoint, maxAttempts: 1 })
  return {
    async post(connectionId, frame) {
      try {
        await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: frame }), {
          abortSignal: AbortSignal.timeout(POST_TIMEOUT_MS),
        })
        return { status: 'sent' }
      } catch (error) {
        return resultOf(error)
      }
    },
    async close(connectionId) {
      // Best effort: a socket that cannot be closed either ends by itself, and its client has its cursor.
      await client
        .send(new DeleteConnectionCommand({ ConnectionId: connectionId }), { abortSignal: AbortSignal.timeout(POST_TIMEOUT_MS) })
        .catch(() => undefined)
    },
  }
}

function resultOf(error: unknown): PostResult {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } }
  if (name === 'GoneException' || $metadata?.httpStatusCode === 410) return { status: 'gone' }
  if (name === 'LimitExceededException' || $metadata?.httpStatusCode === 429) return { status: 'throttled' }
  return { status: 'failed', error }
}
