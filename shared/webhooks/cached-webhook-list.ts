import type { Clock } from '#shared/platform/clock.ts'
import type { Webhook } from '#shared/protocol/webhook.ts'
import type { WebhookStore } from './webhook-store.ts'

/** How long a warm function goes on with a list it has read, in milliseconds: the longest time a new webhook takes to be noticed. */
const MAX_AGE_MS = 10_000
const MAX_TENANTS = 1_000

/** Remembers the webhooks of a tenant for a few seconds, and that it has none: a busy tenant costs one query each time. */
export function cachedWebhookList(store: Pick<WebhookStore, 'list'>, clock: Clock): Pick<WebhookStore, 'list'> {
  const known = new Map<string, { webhooks: Webhook[]; readAt: number }>()
  return {
    async list(tenant) {
      const entry = known.get(tenant)
      if (entry && clock.now() - entry.readAt < MAX_AGE_MS) return entry.webhooks
      const webhooks = await store.list(tenant)
      if (known.size >= MAX_TENANTS) known.clear()
      known.set(tenant, { webhooks, readAt: clock.now() })
      return webhooks
    },
  }
}
