import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { dispatchMessage } from '#shared/executions/dispatch-message.ts'
import { decodeIngressRecord } from '#shared/messaging/decode-ingress-record.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { DispatchFunctionDependencies } from './dependencies.ts'

/** Turns messages of the ingress queue into executions. What can never be dispatched goes to the dead-letter queue with its reason. */
export function createHandler(dependencies: DispatchFunctionDependencies) {
  const { deadLetters, defaultTenant, logger } = dependencies

  async function dispatch(record: SQSRecord): Promise<void> {
    try {
      const message = decodeIngressRecord(record, defaultTenant)
      const executionIds = await dispatchMessage(dependencies, message)
      logger.info('message_dispatched', { tenant: message.tenant, messageId: message.envelope.id, executionIds })
    } catch (thrown) {
      const error = toSluiceError(thrown)
      const permanent = error.code === 'validation_error' || error.code === 'not_found'
      if (!permanent) {
        logger.error('message_retried', { messageId: record.messageId, code: error.code, error })
        throw error
      }
      await deadLetters.send(record, { code: error.code, detail: error.message })
      logger.warn('message_dead_lettered', { messageId: record.messageId, code: error.code, detail: error.message })
    }
  }

  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) =>
    processPartialResponse(event, dispatch, new BatchProcessor(EventType.SQS), { context, throwOnFullBatchFailure: false }),
  )
}
