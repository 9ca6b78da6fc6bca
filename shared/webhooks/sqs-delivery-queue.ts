import type { SqsSender } from '#shared/messaging/sqs-sender.ts'
import type { DeliveryQueue } from './delivery-queue.ts'

/** The delivery queue on SQS. The tenant is the message group, so a tenant with a slow address does not delay the others (fair queues). */
export function sqsDeliveryQueue(send: SqsSender, queueUrl: string): DeliveryQueue {
  return {
    enqueue: (delivery, delaySeconds = 0) =>
      send({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(delivery),
        MessageGroupId: delivery.tenant,
        DelaySeconds: delaySeconds,
      }),
  }
}
