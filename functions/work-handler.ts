import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import type { Invocation } from '#shared/executions/run.ts'
import { parseWorkItem } from '#shared/messaging/parse-work-item.ts'
import { handleRecords, type RecordsDependencies } from './handle-records.ts'

/** What stands on a queue of work. */
export type QueuedItem = ReturnType<typeof parseWorkItem>

/** Handles a queue of work: up to ten items at once, since waiting on a model costs no CPU. */
export function workHandler(
  dependencies: RecordsDependencies,
  handle: (item: QueuedItem, invocation: Invocation) => Promise<unknown>,
) {
  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) => {
    const invocation = { remainingMs: () => context.getRemainingTimeInMillis() }
    return handleRecords(dependencies, event, context, async ({ body }) => handle(parseWorkItem(body), invocation))
  })
}
