import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { type DeliverDependencies, deliver } from '#shared/webhooks/deliver.ts'
import { parseDelivery } from '#shared/webhooks/delivery.ts'
import { handleRecords, type RecordsDependencies } from '../handle-records.ts'

/** What is kept of the function's time to record what was done, in milliseconds. */
const MARGIN_MS = 5_000

/** Posts up to ten callbacks and events at once: it waits for the answers, mostly. */
export function createHandler(dependencies: DeliverDependencies & RecordsDependencies) {
  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) => {
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS))
    return handleRecords(dependencies, event, context, async ({ body }) => deliver(dependencies, parseDelivery(body), signal))
  })
}
