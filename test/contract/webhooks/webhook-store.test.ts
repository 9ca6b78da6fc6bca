import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { dynamoWebhookStore } from '#shared/webhooks/dynamo-webhook-store.ts'
import { memoryWebhookStore } from '#shared/webhooks/memory-webhook-store.ts'
import type { WebhookStore } from '#shared/webhooks/webhook-store.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { aWebhook } from '../../helpers/webhooks.ts'

const stores: [string, () => WebhookStore][] = [
  ['memory', memoryWebhookStore],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => WebhookStore] => [
    name,
    () => dynamoWebhookStore(client, tables.registry),
  ]),
]

describe.each(stores)('WebhookStore on %s', (_name, open) => {
  let store: WebhookStore
  let tenant: string
  beforeAll(() => {
    store = open()
  })
  beforeEach(() => {
    tenant = `tenant-${newId()}`
  })

  it('gives back what was stored, by id and in order', async () => {
    const webhooks = [aWebhook(), aWebhook({ agentId: 'assistant', events: ['agent.', 'execution.failed'] })]
    for (const webhook of webhooks.toReversed()) await store.put(tenant, webhook)

    expect(await store.list(tenant)).toEqual(webhooks)
    expect(await store.get(tenant, String(webhooks[1]?.webhookId))).toEqual(webhooks[1])
  })

  it('shows a tenant nothing of another one', async () => {
    const webhook = aWebhook()
    await store.put(tenant, webhook)

    expect(await store.list(`${tenant}-x`)).toEqual([])
    expect(await store.get('acme', webhook.webhookId)).toBeUndefined()
    expect(await store.remove('acme', webhook.webhookId)).toBe('missing')
    expect(await store.list(tenant)).toEqual([webhook])
  })

  it('disables, and never brings back what was removed', async () => {
    const webhook = aWebhook()
    await store.put(tenant, webhook)
    await store.disable(tenant, webhook.webhookId)
    expect(await store.get(tenant, webhook.webhookId)).toEqual({ ...webhook, status: 'disabled' })

    expect(await store.remove(tenant, webhook.webhookId)).toBe('removed')
    await store.disable(tenant, webhook.webhookId)

    expect(await store.list(tenant)).toEqual([])
  })
})
