import type { MAX_DELAY_SECONDS } from '#shared/messaging/work-queue.ts'
import type { Delivery } from './delivery.ts'

/** Deliveries that are to be made. At least once, in no order. */
export type DeliveryQueue = {
  /**
   * @param delaySeconds - whole seconds before it is seen, at most {@link MAX_DELAY_SECONDS}
   * @throws SluiceError `unavailable` when the queue did not accept it
   */
  enqueue(delivery: Delivery, delaySeconds?: number): Promise<void>
}
