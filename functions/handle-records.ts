import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { DeliverAgain } from '#shared/messaging/deliver-again.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'

/**
 * When a record comes again that failed, in seconds after its first, second and third failure: a table that throttled, or an answer that was lost,
 * costs seconds. After that its queue's visibility timeout says so, which outlasts an outage of minutes.
 */
const AGAIN_SECONDS = [2, 10, 60]

export type RecordsDependencies = { deliverAgain: DeliverAgain; logger: Log }

/** Handles a batch of a queue, its records at the same time. Those that fail come again, alone; the others are done. */
export async function handleRecords(
  { deliverAgain, logger }: RecordsDependencies,
  event: SQSEvent,
  context: Context,
  handle: (record: SQSRecord) => Promise<unknown>,
): Promise<SQSBatchResponse> {
  const handleOrTell = async (record: SQSRecord): Promise<void> => {
    try {
      await handle(record)
    } catch (error) {
      const againInSeconds = await hasten(record)
      logger.error('message_retried', { messageId: record.messageId, code: toSluiceError(error).code, error, againInSeconds })
      throw error
    }
  }

  /** @returns seconds until it comes again; undefined when its visibility timeout says so */
  const hasten = async ({ eventSourceARN, receiptHandle, attributes }: SQSRecord): Promise<number | undefined> => {
    const seconds = AGAIN_SECONDS[Number(attributes.ApproximateReceiveCount) - 1]
    if (seconds === undefined) return undefined
    const message = { queueArn: eventSourceARN, receipt: receiptHandle }
    return deliverAgain(message, seconds).then(
      () => seconds,
      () => undefined,
    )
  }

  const options = { context, throwOnFullBatchFailure: false }
  return processPartialResponse(event, handleOrTell, new BatchProcessor(EventType.SQS), options)
}
