import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { type RunDependencies, runExecution } from '#shared/executions/run-execution.ts'
import { parseWorkItem } from '#shared/messaging/parse-work-item.ts'
import { toSluiceError, ValidationError } from '#shared/platform/errors.ts'

/** Runs up to ten executions of the work queue at once: waiting on a model costs no CPU. */
export function createHandler(dependencies: RunDependencies) {
  async function run(record: SQSRecord): Promise<void> {
    try {
      const item = parseWorkItem(record.body)
      if ('executionId' in item) await runExecution(dependencies, item)
      else if ('probe' in item) {
        await (await import('#shared/executions/check-agent-health.ts')).checkAgentHealth(dependencies, item)
      } else throw new ValidationError('agents in code are registered by their own functions')
    } catch (error) {
      dependencies.logger.error('message_retried', { messageId: record.messageId, code: toSluiceError(error).code, error })
      throw error
    }
  }
  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) =>
    processPartialResponse(event, run, new BatchProcessor(EventType.SQS), { context, throwOnFullBatchFailure: false }),
  )
}
