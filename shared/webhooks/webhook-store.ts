import type { Webhook } from '#shared/protocol/webhook.ts'

/** Webhook subscriptions. Reads are consistent. */
export type WebhookStore = {
  /** Stores a subscription; what stands there under its id is the same request and is replaced. */
  put(tenant: string, webhook: Webhook): Promise<void>
  get(tenant: string, webhookId: string): Promise<Webhook | undefined>
  /** All of them, at most `MAX_WEBHOOKS`, in the order of their ids. */
  list(tenant: string): Promise<Webhook[]>
  /** Its address is gone. Nothing happens to a subscription that was removed. */
  disable(tenant: string, webhookId: string): Promise<void>
  remove(tenant: string, webhookId: string): Promise<'removed' | 'missing'>
}
