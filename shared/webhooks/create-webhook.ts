import { isDeepStrictEqual } from 'node:util'
import type { Principal } from '#shared/access/principal.ts'
import { allowedUrl } from '#shared/platform/allowed-url.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { ConflictError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import { type CreateWebhook, createWebhookSchema, MAX_WEBHOOKS, type Webhook } from '#shared/protocol/webhook.ts'
import type { WebhookStore } from './webhook-store.ts'

export type CreateWebhookDependencies = {
  webhooks: WebhookStore
  clock: Clock
  /** Whether addresses inside may be called: on the stage `local` alone. */
  allowPrivateCallbacks: boolean
}

/**
 * Subscribes an address to lifecycle events. With an idempotency key it is repeatable.
 *
 * @throws ValidationError when the address is not one that may be called
 * @throws ConflictError when the key was used for something else, or the tenant has `MAX_WEBHOOKS` already
 */
export async function createWebhook(
  { webhooks, clock, allowPrivateCallbacks }: CreateWebhookDependencies,
  { tenant, subject }: Pick<Principal, 'tenant' | 'subject'>,
  request: CreateWebhook,
  { idempotencyKey }: { idempotencyKey?: string | undefined } = {},
): Promise<Webhook> {
  allowedUrl(request.url, allowPrivateCallbacks)
  const webhookId = idempotencyKey === undefined ? newId() : derivedId('webhook-request', tenant, subject, idempotencyKey)
  const existing = await webhooks.list(tenant)
  const same = existing.find((webhook) => webhook.webhookId === webhookId)
  if (same) {
    if (isDeepStrictEqual(createWebhookSchema.strip().parse(same), request)) return same
    throw new ConflictError('the idempotency key was used for another webhook')
  }
  if (existing.length >= MAX_WEBHOOKS) throw new ConflictError(`there are ${MAX_WEBHOOKS} webhooks already; delete one`)
  const webhook: Webhook = { webhookId, ...request, status: 'active', createdAt: timestamp(clock) }
  await webhooks.put(tenant, webhook)
  return webhook
}
