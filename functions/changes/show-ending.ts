import { workItemOf } from '#shared/executions/admission.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import type { WorkQueue } from '#shared/messaging/work-queue.ts'

/**
 * Has a worker show the end of an execution to its viewers when it may have ended without one. Whoever ended it has sent the same message, unless
 * it stopped right before that; twice does no harm.
 */
export const showEnding =
  ({ workQueue }: { workQueue: WorkQueue }) =>
  async (record: ExecutionRecord): Promise<void> => {
    if (record.status === 'cancelled' || record.status === 'expired') await workQueue.send(workItemOf(record))
  }
