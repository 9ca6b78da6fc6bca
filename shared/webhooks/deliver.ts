import { MAX_DELAY_SECONDS } from '#shared/messaging/work-queue.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import type { DeliveryAttempt } from '#shared/protocol/webhook.ts'
import { type CallbackDelivery, type Delivery, targetOf } from './delivery.ts'
import type { DeliveryLog } from './delivery-log.ts'
import type { DeliveryQueue } from './delivery-queue.ts'
import { type Outcome, type PostDependencies, postLetter } from './post-letter.ts'
import { MAX_ATTEMPTS, pauseAfter } from './retry-schedule.ts'
import { signedHeaders } from './signature.ts'
import type { WebhookStore } from './webhook-store.ts'

/** What is posted where. */
export type Addressed = { url: string; body: string }

export type DeliverDependencies = PostDependencies & {
  deliveries: DeliveryQueue
  deliveryLog: DeliveryLog
  webhooks: Pick<WebhookStore, 'get' | 'disable'>
  /** An ended execution as a callback tells it; undefined when it is gone. */
  readCallback(delivery: CallbackDelivery): Promise<Addressed | undefined>
  /** @returns `whsec_` and base64 */
  signingKey(tenant: string): Promise<string>
  clock: Clock
  logger: Log
  random?: () => number
}

/** Longest time between the claim of an attempt and its record, in milliseconds: the longest invocation. */
const CLAIM_MS = 30_000

/**
 * Makes one attempt of a delivery. What may work later is queued again before it is recorded: after a crash between the two an attempt is made
 * twice, but none is lost.
 *
 * @throws SluiceError `unavailable` when the same attempt is being made elsewhere, or a table or a queue is out of reach: the message comes back
 */
export async function deliver(dependencies: DeliverDependencies, delivery: Delivery, signal: AbortSignal): Promise<void> {
  const { clock, deliveryLog } = dependencies
  if ((delivery.notBefore ?? 0) > clock.now()) return postpone(dependencies, delivery)
  const addressed = await addressOf(dependencies, delivery)
  if (!addressed) return
  const now = clock.now()
  const claim = await deliveryLog.begin(delivery, { now, until: now + CLAIM_MS })
  if (claim === 'done') return
  if (claim === 'busy') throw new SluiceError('unavailable', 'this attempt is being made')

  const outcome = await post(dependencies, delivery, addressed, signal)
  const attempt: DeliveryAttempt = {
    attempt: delivery.attempt,
    time: new Date(now).toISOString(),
    durationMs: clock.now() - now,
    ...(outcome.statusCode !== undefined && { statusCode: outcome.statusCode }),
    ...(outcome.error !== undefined && { error: outcome.error }),
  }
  await settle(dependencies, delivery, outcome, attempt)
}

/** Nothing when the execution or the webhook is gone: then nobody wants to hear of it. */
async function addressOf({ webhooks, readCallback }: DeliverDependencies, delivery: Delivery): Promise<Addressed | undefined> {
  if (delivery.kind === 'callback') return readCallback(delivery)
  const webhook = await webhooks.get(delivery.tenant, delivery.webhookId)
  return webhook?.status === 'active' ? { url: webhook.url, body: JSON.stringify(delivery.event) } : undefined
}

async function post(
  dependencies: DeliverDependencies,
  { tenant, deliveryId }: Delivery,
  { url, body }: Addressed,
  signal: AbortSignal,
): Promise<Outcome> {
  const key = await dependencies.signingKey(tenant)
  const letter = { id: deliveryId, timestamp: Math.floor(dependencies.clock.now() / 1_000), body }
  return postLetter(dependencies, { url, body, headers: signedHeaders(letter, key) }, signal)
}

async function settle(
  dependencies: DeliverDependencies,
  delivery: Delivery,
  { result, retryAfterSeconds }: Outcome,
  attempt: DeliveryAttempt,
): Promise<void> {
  const { deliveryLog, webhooks, clock, random, logger } = dependencies
  const { tenant, deliveryId, type } = delivery
  const fields = { tenant, deliveryId, ...targetOf(delivery), type, ...attempt }
  if (result === 'delivered') {
    await deliveryLog.record(delivery, attempt, 'delivered')
    logger.info('delivery_made', fields)
    return
  }
  if (result === 'retry' && delivery.attempt < MAX_ATTEMPTS) {
    const pauseSeconds = pauseAfter(delivery.attempt, retryAfterSeconds, random)
    await postpone(dependencies, { ...delivery, attempt: delivery.attempt + 1, notBefore: clock.now() + pauseSeconds * 1_000 })
    await deliveryLog.record(delivery, attempt, 'pending')
    logger.info('delivery_retried', { ...fields, pauseSeconds })
    return
  }
  if (result === 'gone' && delivery.kind === 'webhook') await webhooks.disable(tenant, delivery.webhookId)
  await deliveryLog.record(delivery, attempt, 'failed')
  logger.warn('delivery_failed', fields)
}

/** Back to the queue until its time has come; pauses longer than the queue can delay take several turns. */
async function postpone({ deliveries, clock }: DeliverDependencies, delivery: Delivery): Promise<void> {
  const seconds = Math.ceil(((delivery.notBefore ?? 0) - clock.now()) / 1_000)
  await deliveries.enqueue(delivery, Math.min(MAX_DELAY_SECONDS, seconds))
}
