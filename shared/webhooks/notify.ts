import { derivedId } from '#shared/platform/ids.ts'
import { type LifecycleEvent, matchesPattern } from '#shared/protocol/lifecycle-event.ts'
import type { Webhook } from '#shared/protocol/webhook.ts'
import type { DeliveryQueue } from './delivery-queue.ts'
import type { WebhookStore } from './webhook-store.ts'

export type NotifyDependencies = {
  deliveries: DeliveryQueue
  /** Asked with every event: behind a cache. */
  webhooks: Pick<WebhookStore, 'list'>
}

/** An execution that has ended and has a `callbackUrl`. */
export type EndedExecution = { tenant: string; executionId: string; status: string; endedAt: string }

/** Queues the callback of an execution that has ended. Repeatable: it is delivered once. */
export async function notifyCallback(
  { deliveries }: Pick<NotifyDependencies, 'deliveries'>,
  { tenant, executionId, status, endedAt }: EndedExecution,
): Promise<void> {
  await deliveries.enqueue({
    kind: 'callback',
    tenant,
    deliveryId: derivedId('callback', tenant, executionId),
    executionId,
    type: `execution.${status}`,
    time: endedAt,
    attempt: 1,
  })
}

/** Queues an event for every webhook that wants it. Repeatable: each gets it once. */
export async function notifyWebhooks(
  { deliveries, webhooks }: NotifyDependencies,
  tenant: string,
  event: LifecycleEvent,
): Promise<void> {
  const interested = (await webhooks.list(tenant)).filter((webhook) => wants(webhook, event))
  await Promise.all(
    interested.map(({ webhookId }) =>
      deliveries.enqueue({
        kind: 'webhook',
        tenant,
        deliveryId: derivedId('webhook', tenant, webhookId, event.id),
        webhookId,
        event,
        type: event.type,
        time: event.time,
        attempt: 1,
      }),
    ),
  )
}

function wants({ status, events, agentId }: Webhook, { type, data }: LifecycleEvent): boolean {
  if (status !== 'active' || (agentId !== undefined && agentId !== data.agentId)) return false
  return events.some((pattern) => matchesPattern(type, pattern))
}
