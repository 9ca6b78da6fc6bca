import { describe, expect, it } from 'vitest'
import { parseDelivery } from '#shared/webhooks/delivery.ts'
import { aCallback, aWebhookDelivery } from '../../helpers/webhooks.ts'

describe('parseDelivery', () => {
  it.each([aCallback(), aWebhookDelivery({ attempt: 3, notBefore: 5 })])('reads what was queued', (delivery) => {
    expect(parseDelivery(JSON.stringify(delivery))).toEqual(delivery)
  })

  it.each(['', '{}', JSON.stringify({ ...aCallback(), tenant: 'a/b' }), JSON.stringify({ ...aCallback(), kind: 'mail' })])(
    'refuses %s',
    (body) => {
      expect(() => parseDelivery(body)).toThrow('delivery')
    },
  )
})
