import type { DeliveryAttempt, DeliveryList, DeliveryView } from '#shared/protocol/webhook.ts'
import type { Delivery, DeliveryTarget } from './delivery.ts'

/** What became of every delivery, for as long as the stage keeps them. */
export type DeliveryLog = {
  /**
   * Claims an attempt. `busy`: somebody else makes it right now. `done`: it was made, and whatever follows from it is on its way or over.
   *
   * @param claim - milliseconds since the epoch; after `until` the claim counts no more
   */
  begin(delivery: Delivery, claim: { now: number; until: number }): Promise<'begun' | 'busy' | 'done'>
  /** Adds an attempt that was made, and gives up the claim. Nothing happens to a delivery that is over. */
  record(delivery: Delivery, attempt: DeliveryAttempt, status: DeliveryView['status']): Promise<void>
  /** The newest first. `after` is the `next` of the page before; a foreign cursor throws ValidationError. */
  list(tenant: string, target: DeliveryTarget, page: { limit: number; after?: string | undefined }): Promise<DeliveryList>
}
