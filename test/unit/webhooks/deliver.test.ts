import type { ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { SluiceError } from '#shared/platform/errors.ts'
import { guardedFetch } from '#shared/platform/guarded-fetch.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { type DeliverDependencies, deliver } from '#shared/webhooks/deliver.ts'
import { type Delivery, targetOf } from '#shared/webhooks/delivery.ts'
import { memoryDeliveryLog } from '#shared/webhooks/memory-delivery-log.ts'
import { memoryDeliveryQueue } from '#shared/webhooks/memory-delivery-queue.ts'
import { memoryWebhookStore } from '#shared/webhooks/memory-webhook-store.ts'
import { signingKeyOf } from '#shared/webhooks/signature.ts'
import { aCallback, aWebhook, aWebhookDelivery, startReceiver } from '../../helpers/webhooks.ts'

const KEY = signingKeyOf('a-secret-of-at-least-thirty-two-characters', 'acme')

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

async function receiver(answer?: (response: ServerResponse) => void) {
  const started = await startReceiver(answer)
  stops.push(started.stop)
  return started
}

/** The use case over memory, a clock that stands still until it is set, and the real HTTP client. */
function world(url: string, overrides: Partial<DeliverDependencies> = {}) {
  const clock = { time: Date.now(), now: () => clock.time }
  const deliveries = memoryDeliveryQueue()
  const deliveryLog = memoryDeliveryLog()
  const webhooks = memoryWebhookStore()
  const logger = memoryLog()
  const dependencies: DeliverDependencies = {
    fetch: guardedFetch,
    allowPrivate: true,
    deliveries,
    deliveryLog,
    webhooks,
    readCallback: async () => ({ url, body: '{"status":"completed"}' }),
    signingKey: async () => KEY,
    clock,
    logger,
    random: () => 0,
    ...overrides,
  }
  return {
    clock,
    deliveries,
    webhooks,
    logger,
    deliveryLog,
    run: (delivery: Delivery) => deliver(dependencies, delivery, AbortSignal.timeout(10_000)),
    async logOf(delivery: Delivery) {
      const page = await deliveryLog.list(delivery.tenant, targetOf(delivery), { limit: 10 })
      return page.deliveries[0]
    },
  }
}

describe('deliver', () => {
  it('posts a callback that the library verifies', async () => {
    const { url, received } = await receiver()
    const delivery = aCallback()
    const { run, logOf, logger } = world(url)

    await run(delivery)

    const [posted] = received
    expect(posted).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': delivery.deliveryId },
    })
    expect(new Webhook(KEY).verify(String(posted?.body), posted?.headers as Record<string, string>)).toEqual({
      status: 'completed',
    })
    expect(await logOf(delivery)).toMatchObject({ status: 'delivered', attempts: [{ attempt: 1, statusCode: 204 }] })
    expect(logger.lines).toMatchObject([{ level: 'info', code: 'delivery_made' }])
  })

  it('posts an event to the address that the webhook has now', async () => {
    const { url, received } = await receiver()
    const { run, webhooks } = world('unused')
    const webhook = aWebhook({ url })
    await webhooks.put('acme', webhook)
    const delivery = aWebhookDelivery({ webhookId: webhook.webhookId })

    await run(delivery)

    expect(JSON.parse(String(received[0]?.body))).toEqual(delivery.event)
  })

  it.each([
    ['was removed', undefined],
    ['is disabled', 'disabled' as const],
  ])('posts nothing for a webhook that %s', async (_what, status) => {
    const { url, received } = await receiver()
    const { run, webhooks, deliveries } = world('unused')
    const webhook = aWebhook({ url, ...(status && { status }) })
    if (status) await webhooks.put('acme', webhook)

    await run(aWebhookDelivery({ webhookId: webhook.webhookId }))

    expect(received).toEqual([])
    expect(deliveries.sent).toEqual([])
  })

  it('posts nothing for an execution that is gone', async () => {
    const { run, deliveries } = world('unused', { readCallback: async () => undefined })

    await run(aCallback())

    expect(deliveries.sent).toEqual([])
  })
})

describe('deliver: duplicates', () => {
  it('does not post again what was delivered', async () => {
    const { url, received } = await receiver()
    const { run } = world(url)
    const delivery = aCallback()

    await run(delivery)
    await run(delivery)

    expect(received).toHaveLength(1)
  })

  it('does not repeat an attempt whose successor is queued', async () => {
    const { url, received } = await receiver((response) => response.writeHead(500).end())
    const { run, deliveries } = world(url)
    const delivery = aCallback()

    await run(delivery)
    await run(delivery)

    expect(received).toHaveLength(1)
    expect(deliveries.sent).toHaveLength(1)
  })

  it('lets one of two make the attempt, and the other come back', async () => {
    const { url, received } = await receiver()
    const { run } = world(url)
    const delivery = aCallback()

    const results = await Promise.allSettled([run(delivery), run(delivery)])

    expect(received).toHaveLength(1)
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(results.find((result) => result.status === 'rejected')?.reason).toMatchObject({ code: 'unavailable' })
  })

  it('makes an attempt again when the one before died without a trace', async () => {
    const { url, received } = await receiver()
    const { run, deliveryLog, clock } = world(url)
    const delivery = aCallback()
    await deliveryLog.begin(delivery, { now: clock.now(), until: clock.now() + 30_000 })
    clock.time += 30_001

    await run(delivery)

    expect(received).toHaveLength(1)
  })

  it('loses nothing when it dies between queueing the next attempt and recording this one', async () => {
    const { url, received } = await receiver((response) => response.writeHead(503).end())
    const log = memoryDeliveryLog()
    let broken = true
    const { run, deliveries, clock } = world(url, {
      deliveryLog: {
        ...log,
        async record(...entry) {
          if (broken) throw new SluiceError('unavailable', 'the table is out of reach')
          await log.record(...entry)
        },
      },
    })
    const delivery = aCallback()
    await expect(run(delivery)).rejects.toMatchObject({ code: 'unavailable' })
    broken = false
    clock.time += 30_001

    for (const { delivery: next } of deliveries.sent.splice(0)) await run(next)
    await run(delivery)

    expect(received).toHaveLength(2)
    expect((await log.list('acme', { executionId: 'e-1' }, { limit: 1 })).deliveries[0]?.attempts).toMatchObject([{ attempt: 2 }])
  })
})

describe('deliver: what an address answers', () => {
  it.each([429, 500, 503])('%i is tried again, later and later, and given up after eight attempts', async (status) => {
    const { url, received } = await receiver((response) => response.writeHead(status).end())
    const { run, deliveries, clock, logOf, logger } = world(url)
    const first = aCallback()
    await run(first)

    const delays: number[] = []
    for (let next = deliveries.sent.shift(); next; next = deliveries.sent.shift()) {
      delays.push(next.delaySeconds)
      clock.time += next.delaySeconds * 1_000
      await run(next.delivery)
    }

    expect(received).toHaveLength(8)
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(delays).toEqual([5, 30, 180, 900, 900, 900, 900])
    const log = await logOf(first)
    expect(log?.status).toBe('failed')
    expect(log?.attempts.map(({ attempt, statusCode }) => [attempt, statusCode])).toEqual(
      Array.from({ length: 8 }, (_none, index) => [index + 1, status]),
    )
    expect(logger.lines.at(-1)).toMatchObject({
      level: 'warn',
      code: 'delivery_failed',
      fields: { attempt: 8, statusCode: status },
    })
  })

  it('waits as long as Retry-After says, over several turns of the queue', async () => {
    const { url, received } = await receiver((response) => response.writeHead(429, { 'retry-after': '2000' }).end())
    const { run, deliveries, clock } = world(url)
    await run(aCallback())

    const delays: number[] = []
    for (let turn = 0; turn < 3; turn++) {
      const next = deliveries.sent.shift()
      if (!next) throw new Error('nothing was queued')
      delays.push(next.delaySeconds)
      clock.time += next.delaySeconds * 1_000
      if (turn < 2) await run(next.delivery)
    }

    expect(delays).toEqual([900, 900, 200])
    expect(received).toHaveLength(1)
  })

  it('410 ends the webhook', async () => {
    const { url } = await receiver((response) => response.writeHead(410).end())
    const { run, webhooks, logOf, deliveries } = world('unused')
    const webhook = aWebhook({ url })
    await webhooks.put('acme', webhook)
    const delivery = aWebhookDelivery({ webhookId: webhook.webhookId })

    await run(delivery)

    expect(await webhooks.get('acme', webhook.webhookId)).toMatchObject({ status: 'disabled' })
    expect(await logOf(delivery)).toMatchObject({ status: 'failed', attempts: [{ statusCode: 410 }] })
    expect(deliveries.sent).toEqual([])
  })

  it.each([400, 401, 404, 410, 302, 307])('%i is not tried again', async (status) => {
    const { url, received } = await receiver((response) => response.writeHead(status, { location: '/elsewhere' }).end())
    const { run, deliveries, logOf } = world(url)
    const delivery = aCallback()

    await run(delivery)

    expect(received.map(({ path }) => path)).toEqual(['/hook'])
    expect(deliveries.sent).toEqual([])
    expect(await logOf(delivery)).toMatchObject({ status: 'failed', attempts: [{ statusCode: status }] })
  })

  it('does not read what an address has to say', async () => {
    const { url } = await receiver((response) => response.writeHead(200).write('x'.repeat(10_000)))
    const { run, logOf } = world(url)
    const delivery = aCallback()

    await run(delivery)

    expect(await logOf(delivery)).toMatchObject({ status: 'delivered' })
  })

  it.each([
    ['no answer', 'network_error', (response: ServerResponse) => response.destroy()],
    ['an answer that takes too long', 'timeout', () => {}],
  ])('%s is tried again', async (_what, code, answer) => {
    const { url } = await receiver(answer)
    const impatient: typeof guardedFetch = (address, init, options) =>
      guardedFetch(address, init, { ...options, timeoutMs: 1_000 })
    const { run, deliveries, logOf } = world(url, { fetch: impatient })
    const delivery = aCallback()

    await run(delivery)

    expect(deliveries.sent).toMatchObject([{ delaySeconds: 5, delivery: { attempt: 2 } }])
    expect(await logOf(delivery)).toMatchObject({ status: 'pending', attempts: [{ error: code }] })
  })

  it('never posts to an address inside, where that is not allowed', async () => {
    const { url, received } = await receiver()
    const inside = url.replace('http:', 'https:')
    const { run, deliveries, logOf } = world(inside, { allowPrivate: false })
    const delivery = aCallback()

    await run(delivery)

    expect(received).toEqual([])
    expect(deliveries.sent).toEqual([])
    expect(await logOf(delivery)).toMatchObject({ status: 'failed', attempts: [{ error: 'validation_error' }] })
  })

  it('comes back when the time of the function is up', async () => {
    const controller = new AbortController()
    const { url } = await receiver(() => controller.abort(new SluiceError('timeout', 'the time is up')))
    const deliveries = memoryDeliveryQueue()
    const { deliveryLog, logger, clock, webhooks } = world(url)
    const dependencies = { fetch: guardedFetch, allowPrivate: true, deliveries, deliveryLog, webhooks, clock, logger }

    const delivered = deliver(
      { ...dependencies, readCallback: async () => ({ url, body: '{}' }), signingKey: async () => KEY },
      aCallback(),
      controller.signal,
    )

    await expect(delivered).rejects.toMatchObject({ code: 'timeout' })
    expect(deliveries.sent).toEqual([])
  })
})
