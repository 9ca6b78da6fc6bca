import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { runExecution } from '#shared/executions/run-execution.ts'
import { parseWorkItem } from '#shared/messaging/parse-work-item.ts'
import { toSluiceError, ValidationError } from '#shared/platform/errors.ts'
import type { ExecuteDependencies } from './dependencies.ts'

/** Runs up to ten executions of the work queue at once: waiting on a model costs no CPU. */
export function createHandler(dependencies: ExecuteDependencies) {
  async function take(record: SQSRecord, remainingMs: () => number): Promise<void> {
    const item = parseWorkItem(record.body)
    if ('executionId' in item) await runExecution(dependencies, item, { remainingMs })
    else if ('probe' in item) {
      const { checkAgentHealth } = await import('#shared/executions/check-agent-health.ts')
      await checkAgentHealth(dependencies, item)
    } else throw new ValidationError('agents in code are registered by their own functions')
  }

  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) => {
    const remainingMs = () => context.getRemainingTimeInMillis()
    const takeOrTell = async (record: SQSRecord): Promise<void> => {
      try {
        await take(record, remainingMs)
      } catch (error) {
        dependencies.logger.error('message_retried', { messageId: record.messageId, code: toSluiceError(error).code, error })
        throw error
      }
    }
    return processPartialResponse(event, takeOrTell, new BatchProcessor(EventType.SQS), {
      context,
      throwOnFullBatchFailure: false,
    })
  })
}
