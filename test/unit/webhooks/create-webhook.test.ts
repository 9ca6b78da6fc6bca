import { describe, expect, it } from 'vitest'
import { MAX_WEBHOOKS } from '#shared/protocol/webhook.ts'
import { createWebhook } from '#shared/webhooks/create-webhook.ts'
import { memoryWebhookStore } from '#shared/webhooks/memory-webhook-store.ts'
import { aWebhook } from '../../helpers/webhooks.ts'

const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }
const acme = { tenant: 'acme', subject: 'ada' }
const request = { url: 'https://example.com/hook', events: ['execution.'] }

function world(allowPrivateCallbacks = false) {
  const webhooks = memoryWebhookStore()
  return { webhooks, dependencies: { webhooks, clock, allowPrivateCallbacks } }
}

describe('createWebhook', () => {
  it('stores an active webhook', async () => {
    const { dependencies, webhooks } = world()

    const webhook = await createWebhook(dependencies, acme, request)

    expect(webhook).toMatchObject({ ...request, status: 'active', createdAt: '2026-11-21T09:30:00.000Z' })
    expect(await webhooks.list('acme')).toEqual([webhook])
  })

  it('is repeatable with a key, and only with the same request', async () => {
    const { dependencies, webhooks } = world()
    const options = { idempotencyKey: 'once' }

    const first = await createWebhook(dependencies, acme, request, options)
    const second = await createWebhook(dependencies, acme, request, options)
    const other = createWebhook(dependencies, acme, { ...request, events: ['agent.'] }, options)

    expect(second).toEqual(first)
    await expect(other).rejects.toMatchObject({ code: 'conflict' })
    expect(await webhooks.list('acme')).toHaveLength(1)
  })

  it('takes the key of somebody else for another one', async () => {
    const { dependencies } = world()
    const options = { idempotencyKey: 'once' }

    const hers = await createWebhook(dependencies, acme, request, options)
    const his = await createWebhook(dependencies, { tenant: 'acme', subject: 'bob' }, request, options)

    expect(his.webhookId).not.toBe(hers.webhookId)
  })

  it('stops at the most a tenant may have', async () => {
    const { dependencies, webhooks } = world()
    for (let count = 0; count < MAX_WEBHOOKS; count++) await webhooks.put('acme', aWebhook())

    await expect(createWebhook(dependencies, acme, request)).rejects.toMatchObject({ code: 'conflict' })
    await expect(createWebhook(dependencies, { tenant: 'globex', subject: 'ada' }, request)).resolves.toMatchObject({
      status: 'active',
    })
  })

  it.each(['http://example.com/', 'https://user:password@example.com/'])('refuses %s', async (url) => {
    const { dependencies } = world()

    await expect(createWebhook(dependencies, acme, { ...request, url })).rejects.toMatchObject({ code: 'validation_error' })
  })

  it('takes http on the local cloud', async () => {
    const { dependencies } = world(true)

    await expect(createWebhook(dependencies, acme, { ...request, url: 'http://localhost:9/' })).resolves.toMatchObject({
      status: 'active',
    })
  })
})
