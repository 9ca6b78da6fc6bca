import { type DynamoDBDocumentClient, TransactGetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { lazy } from '#shared/platform/lazy.ts'
import { retryOnConflict } from '#shared/platform/retry-on-conflict.ts'
import { dynamoViewers, headSchema } from './dynamo-viewers.ts'
import { headKey } from './stream-keys.ts'
import type { SubscriptionStore } from './subscription-store.ts'

/**
 * Subscriptions and heads in the streams table. A worker that runs executions only looks at them: how they begin, and who sends to a
 * channel with many writers, is loaded by those who need it.
 */
export function dynamoSubscriptionStore(
  client: DynamoDBDocumentClient,
  table: string,
  clock: Clock = systemClock,
): SubscriptionStore {
  const viewers = dynamoViewers(client, table, clock)
  const { ttl, readHead, listLive, remove } = viewers
  const handovers = lazy(async () => (await import('./dynamo-handovers.ts')).dynamoHandovers(viewers))
  const role = lazy(async () => (await import('./dynamo-sender-role.ts')).dynamoSenderRole(client, table))

  return {
    listLive,
    remove,
    placeFor: async (ref) => (await handovers()).placeFor(ref),
    beginReplay: async (ref, subscription) => (await handovers()).beginReplay(ref, subscription),
    goLive: async (ref, subscription, cursor) => (await handovers()).goLive(ref, subscription, cursor),
    prolong: async (ref, subscriber, until) => (await handovers()).prolong(ref, subscriber, until),
    dropShard: async (ref) => (await handovers()).dropShard(ref),
    takeSender: async (ref, owner, time) => (await role()).takeSender(ref, owner, time),
    releaseSender: async (ref, owner, posted) => (await role()).releaseSender(ref, owner, posted),
    yieldSender: async (ref, owner, posted) => (await role()).yieldSender(ref, owner, posted),

    async head(ref, isolated = false) {
      const { version, cancelRequested, shards } = isolated ? await readIsolated(headKey(ref)) : await readHead(ref)
      return { version, cancelRequested, shards }
    },

    async requestCancel({ tenant, channel }) {
      const update = new UpdateCommand({
        TableName: table,
        Key: headKey({ tenant, channel }),
        UpdateExpression: 'SET cancelRequested = :true, expiresAt = :expiresAt',
        ExpressionAttributeValues: { ':true': true, ':expiresAt': ttl() },
      })
      await retryOnConflict(() => client.send(update))
    },
  }

  async function readIsolated(Key: ReturnType<typeof headKey>) {
    const get = new TransactGetCommand({ TransactItems: [{ Get: { TableName: table, Key } }] })
    const { Responses } = await retryOnConflict(() => client.send(get))
    return headSchema.parse(Responses?.[0]?.Item ?? {})
  }
}
