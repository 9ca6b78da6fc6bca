import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { toSluiceError } from '#shared/platform/errors.ts'
import { type DeliverDependencies, deliver } from '#shared/webhooks/deliver.ts'
import { parseDelivery } from '#shared/webhooks/delivery.ts'

/** What is kept of the function's time to record what was done, in milliseconds. */
const MARGIN_MS = 5_000

/** Posts up to ten callbacks and events at once: it waits for the answers, mostly. */
export function createHandler(dependencies: DeliverDependencies) {
  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) => {
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS))

    async function post(record: SQSRecord): Promise<void> {
      try {
        await deliver(dependencies, parseDelivery(record.body), signal)
      } catch (error) {
        dependencies.logger.error('message_retried', { messageId: record.messageId, code: toSluiceError(error).code, error })
        throw error
      }
    }

    return processPartialResponse(event, post, new BatchProcessor(EventType.SQS), { context, throwOnFullBatchFailure: false })
  })
}
