import pLimit from 'p-limit'
import { type BatchRecord, batchExecutionId } from './batch-record.ts'
import { type CancelDependencies, cancelUnlessEnded } from './cancel-execution.ts'
import { hasEnded } from './execution-status.ts'

const AT_ONCE = 10

/**
 * Cancels what has not ended of a batch. One in order is cancelled from its end, so that none begins meanwhile. Repeatable; to be repeated when
 * it fails.
 */
export async function cancelBatch(dependencies: CancelDependencies, batch: BatchRecord): Promise<void> {
  const { tenant, agentIds, mode } = batch
  const limit = pLimit(mode === 'sequential' ? 1 : AT_ONCE)
  const cancel = async (executionId: string): Promise<void> => {
    const record = await dependencies.executions.get({ tenant, executionId })
    if (!record || hasEnded(record.status)) return
    await cancelUnlessEnded(dependencies, record, 'cancelled with its batch')
  }
  const ids = agentIds.map((_agentId, index) => batchExecutionId(batch, index)).reverse()
  await Promise.all(ids.map((executionId) => limit(cancel, executionId)))
}
