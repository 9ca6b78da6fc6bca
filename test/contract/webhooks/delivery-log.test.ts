import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ValidationError } from '#shared/platform/errors.ts'
import { newId } from '#shared/platform/ids.ts'
import type { DeliveryAttempt } from '#shared/protocol/webhook.ts'
import { type Delivery, targetOf } from '#shared/webhooks/delivery.ts'
import type { DeliveryLog } from '#shared/webhooks/delivery-log.ts'
import { dynamoDeliveryLog } from '#shared/webhooks/dynamo-delivery-log.ts'
import { memoryDeliveryLog } from '#shared/webhooks/memory-delivery-log.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { aCallback, aWebhookDelivery } from '../../helpers/webhooks.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const claim = (now = NOW) => ({ now, until: now + 30_000 })
const anAttempt = (overrides: Partial<DeliveryAttempt> = {}): DeliveryAttempt => ({
  attempt: 1,
  time: '2026-11-21T09:30:00.000Z',
  durationMs: 12,
  statusCode: 500,
  ...overrides,
})

const RETENTION_DAYS = 7
const DAY_MS = 86_400_000
const clock = { skippedMs: 0, now: () => NOW + clock.skippedMs }
const options = { retentionDays: RETENTION_DAYS, clock }

const logs: [string, () => DeliveryLog][] = [
  ['memory', () => memoryDeliveryLog(options)],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => DeliveryLog] => [
    name,
    () => dynamoDeliveryLog(client, tables.executions, options),
  ]),
]

describe.each(logs)('DeliveryLog on %s', (_name, open) => {
  let log: DeliveryLog
  let executionId: string
  beforeAll(() => {
    log = open()
  })
  beforeEach(() => {
    executionId = newId()
    clock.skippedMs = 0
  })
  const listOf = async (delivery: Delivery) => (await log.list(delivery.tenant, targetOf(delivery), { limit: 10 })).deliveries

  it('gives an attempt to one of many that ask at once', async () => {
    const delivery = aCallback({ executionId })

    const results = await Promise.all(Array.from({ length: 6 }, () => log.begin(delivery, claim())))

    expect(results.toSorted()).toEqual(['begun', 'busy', 'busy', 'busy', 'busy', 'busy'])
  })

  it('forgets a delivery some days after its last attempt', async () => {
    const delivery = aCallback({ executionId })
    await log.begin(delivery, claim())
    await log.record(delivery, anAttempt(), 'pending')
    await log.begin({ ...delivery, attempt: 2 }, claim(NOW + DAY_MS))

    clock.skippedMs = RETENTION_DAYS * DAY_MS
    expect(await listOf(delivery)).toHaveLength(1)

    clock.skippedMs = (RETENTION_DAYS + 1) * DAY_MS
    expect(await listOf(delivery)).toEqual([])
  })

  it('gives it again when the claim ran out', async () => {
    const delivery = aCallback({ executionId })
    await log.begin(delivery, claim())

    expect(await log.begin(delivery, claim(NOW + 30_000))).toBe('busy')
    expect(await log.begin(delivery, claim(NOW + 30_001))).toBe('begun')
  })

  it('keeps every attempt, and knows which were made', async () => {
    const first = aCallback({ executionId })
    const second = { ...first, attempt: 2 }
    await log.begin(first, claim())
    await log.record(first, anAttempt(), 'pending')

    expect(await log.begin(first, claim())).toBe('done')
    expect(await log.begin(second, claim())).toBe('begun')
    await log.record(second, anAttempt({ attempt: 2, statusCode: 204 }), 'delivered')
    expect(await log.begin(second, claim(NOW + 60_000))).toBe('done')

    expect(await listOf(first)).toEqual([
      {
        deliveryId: first.deliveryId,
        executionId,
        type: 'execution.completed',
        time: first.time,
        status: 'delivered',
        attempts: [anAttempt(), anAttempt({ attempt: 2, statusCode: 204 })],
      },
    ])
  })

  it('takes the next attempt though the one before was never recorded', async () => {
    const first = aCallback({ executionId })
    await log.begin(first, claim())

    expect(await log.begin({ ...first, attempt: 2 }, claim(NOW + 60_000))).toBe('begun')
  })

  it('does not wake what is over', async () => {
    const delivery = aCallback({ executionId })
    await log.begin(delivery, claim())
    await log.record(delivery, anAttempt({ statusCode: 200 }), 'delivered')

    await log.record(delivery, anAttempt(), 'pending')

    expect(await listOf(delivery)).toMatchObject([{ status: 'delivered', attempts: [{ statusCode: 200 }] }])
  })

  it('records nothing for a delivery that nobody began', async () => {
    const delivery = aCallback({ executionId })

    await log.record(delivery, anAttempt(), 'failed')

    expect(await listOf(delivery)).toEqual([])
  })

  it('lists the newest first, page by page', async () => {
    const webhookId = newId()
    const deliveries = [1, 2, 3].map((second) => aWebhookDelivery({ webhookId, time: `2026-11-21T09:30:0${second}.000Z` }))
    for (const delivery of deliveries) await log.begin(delivery, claim())

    const first = await log.list('acme', { webhookId }, { limit: 2 })
    const second = await log.list('acme', { webhookId }, { limit: 2, after: first.next })

    const [oldest, middle, newest] = deliveries.map(({ deliveryId }) => deliveryId)
    expect(first.deliveries.map(({ deliveryId }) => deliveryId)).toEqual([newest, middle])
    expect(second.deliveries.map(({ deliveryId }) => deliveryId)).toEqual([oldest])
    expect(second.next).toBeUndefined()
  })

  it('refuses a cursor that it did not write', async () => {
    const after = Buffer.from('T#globex#DELIVERIES').toString('base64url')

    await expect(log.list('acme', { executionId }, { limit: 1, after })).rejects.toBeInstanceOf(ValidationError)
  })

  it('shows a tenant nothing of another one, and a webhook nothing of an execution', async () => {
    const delivery = aCallback({ executionId })
    await log.begin(delivery, claim())

    expect((await log.list('globex', { executionId }, { limit: 10 })).deliveries).toEqual([])
    expect((await log.list('acme', { webhookId: executionId }, { limit: 10 })).deliveries).toEqual([])
  })
})
