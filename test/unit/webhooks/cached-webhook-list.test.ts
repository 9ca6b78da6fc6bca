import { describe, expect, it } from 'vitest'
import { cachedWebhookList } from '#shared/webhooks/cached-webhook-list.ts'
import { memoryWebhookStore } from '#shared/webhooks/memory-webhook-store.ts'
import { aWebhook } from '../../helpers/webhooks.ts'

function world() {
  const clock = { time: 0, now: () => clock.time }
  const webhooks = memoryWebhookStore()
  let reads = 0
  const cached = cachedWebhookList(
    {
      list(tenant) {
        reads += 1
        return webhooks.list(tenant)
      },
    },
    clock,
  )
  return { clock, webhooks, cached, reads: () => reads }
}

describe('cachedWebhookList', () => {
  it('asks once for a tenant that has none', async () => {
    const { cached, reads } = world()

    await cached.list('acme')
    await cached.list('acme')

    expect(reads()).toBe(1)
  })

  it('notices a new webhook after ten seconds', async () => {
    const { cached, clock, webhooks } = world()
    await cached.list('acme')
    await webhooks.put('acme', aWebhook())

    clock.time = 9_999
    expect(await cached.list('acme')).toHaveLength(0)
    clock.time = 10_000
    expect(await cached.list('acme')).toHaveLength(1)
  })

  it('keeps tenants apart', async () => {
    const { cached, webhooks } = world()
    await webhooks.put('acme', aWebhook())
    await cached.list('acme')

    expect(await cached.list('globex')).toEqual([])
  })
})
