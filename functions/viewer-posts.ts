import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { SqsSender } from '#shared/messaging/sqs-sender.ts'
import { systemClock } from '#shared/platform/clock.ts'
import type { ConfigOf } from '#shared/platform/config.ts'
import { callbackBudget } from '#shared/streams/callback-budget.ts'
import type { ChannelSenderDependencies } from '#shared/streams/channel-sender.ts'
import { dynamoCallbackBudgetStore } from '#shared/streams/dynamo-callback-budget-store.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { socketPoster } from '#shared/streams/socket-poster.ts'
import { sqsConnectionTaskQueue } from '#shared/streams/sqs-connection-task-queue.ts'

/** Who watches, and how events are posted to them. */
export function viewerPosts(
  client: DynamoDBDocumentClient,
  send: SqsSender,
  config: ConfigOf<'stage'> & ConfigOf<'streams'> & ConfigOf<'socket'> & ConfigOf<'connections'>,
): Omit<ChannelSenderDependencies, 'log' | 'clock'> {
  const { STREAMS_TABLE: streams } = config
  return {
    subscriptions: dynamoSubscriptionStore(client, streams),
    poster: socketPoster(config),
    callbackBudget: callbackBudget(dynamoCallbackBudgetStore(client, streams), systemClock),
    connectionTasks: sqsConnectionTaskQueue(send, config.CONNECTIONS_QUEUE_URL),
  }
}
