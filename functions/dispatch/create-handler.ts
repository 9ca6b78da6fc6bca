import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { dispatchMessage } from '#shared/executions/dispatch-message.ts'
import { decodeIngressRecord } from '#shared/messaging/decode-ingress-record.ts'
import type { Message } from '#shared/messaging/message.ts'
import { type SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import { handleRecords } from '../handle-records.ts'
import type { DispatchFunctionDependencies } from './dependencies.ts'

/** Codes of messages that no further delivery helps. */
const PERMANENT: ReadonlySet<ErrorCode> = new Set(['validation_error', 'not_found', 'forbidden', 'depth_exceeded'])

/** Turns messages of the ingress queue into executions. What can never be dispatched goes to the dead-letter queue with its reason. */
export function createHandler(dependencies: DispatchFunctionDependencies) {
  const { deadLetters, defaultTenant, logger } = dependencies

  async function dispatch(record: SQSRecord): Promise<void> {
    let message: Message | undefined
    try {
      message = decodeIngressRecord(record, defaultTenant)
      const executionIds = await dispatchMessage(dependencies, message)
      logger.info('message_dispatched', { tenant: message.tenant, messageId: message.envelope.id, executionIds })
    } catch (thrown) {
      const error = toSluiceError(thrown)
      if (!PERMANENT.has(error.code)) throw error
      await putAside(record, message, error)
    }
  }

  /** @param message - undefined when the record is none: then nobody knows whose it is, and nobody is told */
  async function putAside(record: SQSRecord, message: Message | undefined, error: SluiceError): Promise<void> {
    const { code, message: detail } = error
    await deadLetters.send(record, { code, detail })
    logger.warn('message_dead_lettered', { messageId: record.messageId, code, detail })
    if (!message) return
    // The message is safe where it is: it does not come again because somebody could not be told.
    await dependencies.tellDeadLetter(message, error).catch((error: unknown) => {
      logger.error('event_untold', { messageId: record.messageId, type: 'message.dead_lettered', error })
    })
  }

  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) => handleRecords(dependencies, event, context, dispatch))
}
