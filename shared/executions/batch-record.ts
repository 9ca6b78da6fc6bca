import { derivedId } from '#shared/platform/ids.ts'
import type { BatchItemError, BatchMode } from '#shared/protocol/batch.ts'

/** Names one batch. */
export type BatchKey = { tenant: string; batchId: string }

/** A batch as it is stored. What becomes of its executions stands with them: their ids follow from its own. */
export type BatchRecord = BatchKey & {
  mode: BatchMode
  stopOnError: boolean
  /** Who is asked, in the order of the executions. */
  agentIds: string[]
  /** SHA-256 of what was asked, to tell a repeated request from another one with the same key. */
  requestHash: string
  createdAt: string
  /** Executions that the door refused, by their place; absent until every one has had its answer. */
  refused?: Record<string, BatchItemError> | undefined
}

/** Id of an execution of a batch. */
export const batchExecutionId = ({ tenant, batchId }: BatchKey, index: number): string =>
  derivedId('batch', tenant, batchId, String(index))
