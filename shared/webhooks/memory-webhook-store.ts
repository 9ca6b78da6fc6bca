import type { Webhook } from '#shared/protocol/webhook.ts'
import type { WebhookStore } from './webhook-store.ts'

/** Subscriptions in memory, for tests. */
export function memoryWebhookStore(): WebhookStore {
  const tenants = new Map<string, Map<string, Webhook>>()
  const of = (tenant: string): Map<string, Webhook> => {
    const webhooks = tenants.get(tenant) ?? new Map<string, Webhook>()
    tenants.set(tenant, webhooks)
    return webhooks
  }
  return {
    async put(tenant, webhook) {
      of(tenant).set(webhook.webhookId, structuredClone(webhook))
    },
    async get(tenant, webhookId) {
      return structuredClone(of(tenant).get(webhookId))
    },
    async list(tenant) {
      return structuredClone([...of(tenant).values()].sort((one, other) => (one.webhookId < other.webhookId ? -1 : 1)))
    },
    async disable(tenant, webhookId) {
      const webhook = of(tenant).get(webhookId)
      if (webhook) webhook.status = 'disabled'
    },
    async remove(tenant, webhookId) {
      return of(tenant).delete(webhookId) ? 'removed' : 'missing'
    },
  }
}
