import type { Delivery } from './delivery.ts'
import type { DeliveryQueue } from './delivery-queue.ts'

/** A queue that keeps what was sent, for tests. */
export function memoryDeliveryQueue(): DeliveryQueue & { readonly sent: { delivery: Delivery; delaySeconds: number }[] } {
  const sent: { delivery: Delivery; delaySeconds: number }[] = []
  return {
    sent,
    async enqueue(delivery, delaySeconds = 0) {
      sent.push({ delivery: structuredClone(delivery), delaySeconds })
    },
  }
}
