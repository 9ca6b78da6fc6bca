import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import * as z from 'zod'
import { type EraseTenantDependencies, eraseTenant } from '#shared/erasure/erase-tenant.ts'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { handleRecords, type RecordsDependencies } from '../handle-records.ts'

/** What is kept of the function's time for a step that has begun, in milliseconds: a search of dead letters takes 20 s. */
const MARGIN_MS = 60_000

const messageSchema = z.object({ erasureId: z.uuid() })

/** Erases tenants, as far as the time of an invocation goes. */
export function createHandler(dependencies: EraseTenantDependencies & RecordsDependencies) {
  return middy<SQSEvent, SQSBatchResponse>().handler((event, context) => {
    const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS))

    async function erase({ body }: SQSRecord): Promise<void> {
      const { erasureId } = parse(messageSchema, parseJson(body, 'message'), 'message')
      await eraseTenant(dependencies, erasureId, signal)
    }

    return handleRecords(dependencies, event, context, erase)
  })
}
