import { describe, expect, it } from 'vitest'
import { memoryDeliveryQueue } from '#shared/webhooks/memory-delivery-queue.ts'
import { memoryWebhookStore } from '#shared/webhooks/memory-webhook-store.ts'
import { notifyCallback, notifyWebhooks } from '#shared/webhooks/notify.ts'
import { anEvent, aWebhook } from '../../helpers/webhooks.ts'

describe('notifyCallback', () => {
  const ended = { tenant: 'acme', executionId: 'e-1', status: 'failed', endedAt: '2026-11-21T09:30:00.000Z' }

  it('queues the callback, under one id however often it is told', async () => {
    const deliveries = memoryDeliveryQueue()

    await notifyCallback({ deliveries }, ended)
    await notifyCallback({ deliveries }, ended)

    const [first, second] = deliveries.sent.map(({ delivery }) => delivery)
    expect(first).toMatchObject({ kind: 'callback', tenant: 'acme', executionId: 'e-1', type: 'execution.failed', attempt: 1 })
    expect(second).toEqual(first)
  })

  it('tells tenants with the same execution id apart', async () => {
    const deliveries = memoryDeliveryQueue()

    await notifyCallback({ deliveries }, ended)
    await notifyCallback({ deliveries }, { ...ended, tenant: 'globex' })

    const [first, second] = deliveries.sent.map(({ delivery }) => delivery.deliveryId)
    expect(second).not.toBe(first)
  })
})

describe('notifyWebhooks', () => {
  async function receiversOf(event = anEvent()) {
    const webhooks = memoryWebhookStore()
    const deliveries = memoryDeliveryQueue()
    const store = async (name: string, overrides: Parameters<typeof aWebhook>[0], tenant = 'acme') => {
      const webhook = aWebhook(overrides)
      names.set(webhook.webhookId, name)
      await webhooks.put(tenant, webhook)
    }
    const names = new Map<string, string>()
    await store('exact', { events: ['execution.completed'] })
    await store('prefix', { events: ['agent.', 'execution.'] })
    await store('other type', { events: ['execution.failed'] })
    await store('same beginning', { events: ['agent.'] })
    await store('its agent', { agentId: 'assistant' })
    await store('other agent', { agentId: 'triage' })
    await store('disabled', { status: 'disabled' })
    await store('other tenant', {}, 'globex')

    await notifyWebhooks({ deliveries, webhooks }, 'acme', event)

    const sent = deliveries.sent.map(({ delivery }) => delivery)
    return { sent, names: sent.flatMap((each) => (each.kind === 'webhook' ? [names.get(each.webhookId)] : [])) }
  }

  it('queues an event for those that want it', async () => {
    const { names } = await receiversOf()

    expect(names.toSorted()).toEqual(['exact', 'its agent', 'prefix'])
  })

  it('gives each receiver an id of its own that follows from the event', async () => {
    const webhooks = memoryWebhookStore()
    const deliveries = memoryDeliveryQueue()
    await webhooks.put('acme', aWebhook())
    await webhooks.put('acme', aWebhook())
    const event = anEvent()

    await notifyWebhooks({ deliveries, webhooks }, 'acme', event)
    await notifyWebhooks({ deliveries, webhooks }, 'acme', event)

    expect(deliveries.sent).toHaveLength(4)
    expect(new Set(deliveries.sent.map(({ delivery }) => delivery.deliveryId)).size).toBe(2)
  })
})
