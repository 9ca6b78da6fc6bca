import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { type NotifyDependencies, notifyCallback } from '#shared/webhooks/notify.ts'

/** Queues the callback of an execution that asked for one. */
export const tellCallback =
  (dependencies: Pick<NotifyDependencies, 'deliveries'>) =>
  async ({ tenant, executionId, status, endedAt, callbackUrl }: ExecutionRecord): Promise<void> => {
    if (callbackUrl === undefined || endedAt === undefined) return
    await notifyCallback(dependencies, { tenant, executionId, status, endedAt })
  }
