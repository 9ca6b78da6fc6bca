import { NotFoundError } from '#shared/platform/errors.ts'
import type { Batch, BatchAccepted, BatchItemStatus } from '#shared/protocol/batch.ts'
import { type BatchKey, type BatchRecord, batchExecutionId } from './batch-record.ts'
import type { BatchStore } from './batch-store.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import type { ExecutionStore } from './execution-store.ts'

const linksOf = ({ batchId }: BatchKey): Batch['links'] => ({
  self: `/v1/executions/batches/${batchId}`,
  cancel: `/v1/executions/batches/${batchId}/cancel`,
})

/** What a caller is told when a batch was taken on. It follows from the batch alone: a repeated request is told the same. */
export const batchAccepted = (batch: BatchRecord): BatchAccepted => ({
  batchId: batch.batchId,
  executions: batch.agentIds.map((_agentId, index) => {
    const error = batch.refused?.[index]
    return error ? { error } : { executionId: batchExecutionId(batch, index) }
  }),
  links: linksOf(batch),
})

/** @throws NotFoundError */
export async function findBatch(batches: BatchStore, key: BatchKey): Promise<BatchRecord> {
  const batch = await batches.get(key)
  if (!batch) throw new NotFoundError('batch', key.batchId)
  return batch
}

/** A batch as it stands: of each execution its status, without what it was asked and what it answered. */
export async function readBatch(executions: Pick<ExecutionStore, 'getMany'>, batch: BatchRecord): Promise<Batch> {
  const ids = batch.agentIds.map((_agentId, index) => batchExecutionId(batch, index))
  const records = await executions.getMany(batch.tenant, ids, { without: ['input', 'output'] })
  const byId = new Map(records.map((record) => [record.executionId, record]))
  const items = batch.agentIds.map((agentId, index) => itemOf(agentId, batch, index, byId.get(ids[index] ?? '')))
  const { batchId, mode, stopOnError, createdAt, refused } = batch
  const counts = countsOf(items.map(({ status }) => status))
  // Whoever took it on may have stopped at the last step: what is all there is known all the same.
  const isKnown = refused !== undefined || records.length === ids.length
  const ended = isKnown && records.every(({ status }) => hasEnded(status))
  return { batchId, mode, stopOnError, ended, createdAt, counts, executions: items, links: linksOf(batch) }
}

function itemOf(agentId: string, batch: BatchRecord, index: number, record: ExecutionRecord | undefined): Batch['executions'][0] {
  const refusal = batch.refused?.[index]
  if (refusal) return { agentId, status: 'refused', error: refusal }
  const executionId = batchExecutionId(batch, index)
  return { executionId, agentId, status: record?.status ?? 'unknown', ...(record?.error && { error: record.error }) }
}

function countsOf(statuses: readonly BatchItemStatus[]): Batch['counts'] {
  const counts: Batch['counts'] = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
