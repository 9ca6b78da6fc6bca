import type { SqsSender } from '#shared/messaging/sqs-sender.ts'
import type { ErasureQueue } from './erasure-queue.ts'

/** Erasures to work on, by id. */
export const sqsErasureQueue = (send: SqsSender, queueUrl: string): ErasureQueue => ({
  send: (erasureId, delaySeconds = 0) =>
    send({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ erasureId }), DelaySeconds: delaySeconds }),
})
