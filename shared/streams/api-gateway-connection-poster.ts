import { lazy } from '#shared/platform/lazy.ts'
import type { ConnectionPoster, PostResult } from './connection-poster.ts'

/** A post that takes longer than this failed, in milliseconds. */
const POST_TIMEOUT_MS = 5_000
/** Posts of one container that are on their way at once, to all its viewers: as many as the SDK opens sockets. The others wait their turn. */
const POSTS_AT_ONCE = 50

/**
 * Frames through the `@connections` API of API Gateway. The senders own the retries, so the SDK makes none. It is loaded with the
 * first frame: a stream without viewers posts nothing.
 */
export function apiGatewayConnectionPoster(endpoint: string): ConnectionPoster {
  const connections = lazy(() => load(endpoint))
  return {
    async post(connectionId, frame) {
      try {
        await (await connections()).post(connectionId, frame)
        return { status: 'sent' }
      } catch (error) {
        return resultOf(error)
      }
    },
    async close(connectionId) {
      // Best effort: a socket that cannot be closed either ends by itself, and its client has its cursor.
      await connections()
        .then((api) => api.close(connectionId))
        .catch(() => undefined)
    },
  }
}

type Connections = { post(connectionId: string, frame: string): Promise<unknown>; close(connectionId: string): Promise<unknown> }

async function load(endpoint: string): Promise<Connections> {
  const [sdk, { default: pLimit }] = await Promise.all([import('@aws-sdk/client-apigatewaymanagementapi'), import('p-limit')])
  const client = new sdk.ApiGatewayManagementApiClient({ endpoint, maxAttempts: 1 })
  const inTurn = pLimit(POSTS_AT_ONCE)
  // It begins when the post does.
  const deadline = () => ({ abortSignal: AbortSignal.timeout(POST_TIMEOUT_MS) })
  return {
    post: (ConnectionId, Data) => inTurn(() => client.send(new sdk.PostToConnectionCommand({ ConnectionId, Data }), deadline())),
    close: (ConnectionId) => inTurn(() => client.send(new sdk.DeleteConnectionCommand({ ConnectionId }), deadline())),
  }
}

function resultOf(error: unknown): PostResult {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } }
  if (name === 'GoneException' || $metadata?.httpStatusCode === 410) return { status: 'gone' }
  if (name === 'PayloadTooLargeException' || $metadata?.httpStatusCode === 413) return { status: 'refused' }
  if (name === 'LimitExceededException' || $metadata?.httpStatusCode === 429) return { status: 'throttled' }
  return { status: 'failed', error }
}
