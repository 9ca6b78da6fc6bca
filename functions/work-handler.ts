import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { Invocation } from '#shared/executions/run.ts'
import { parseWorkItem } from '#shared/messaging/parse-work-item.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'

/** What stands on a queue of work. */
export type QueuedItem = ReturnType<typeof parseWorkItem>

/** Handles a queue of work: up to ten items at once, since waiting on a model costs no CPU. What fails comes again, alone. */
export function workHandler(logger: Log, handle: (item: QueuedItem, invocation: Invocation) => Promise<unknown>) {
  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) => {
    const invocation = { remainingMs: () => context.getRemainingTimeInMillis() }
    const handleOrTell = async (record: SQSRecord): Promise<void> => {
      try {
        await handle(parseWorkItem(record.body), invocation)
      } catch (error) {
        logger.error('message_retried', { messageId: record.messageId, code: toSluiceError(error).code, error })
        throw error
      }
    }
    return processPartialResponse(event, handleOrTell, new BatchProcessor(EventType.SQS), {
      context,
      throwOnFullBatchFailure: false,
    })
  })
}
