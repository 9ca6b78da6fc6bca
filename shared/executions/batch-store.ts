import type { BatchItemError } from '#shared/protocol/batch.ts'
import type { BatchKey, BatchRecord } from './batch-record.ts'

/** Batches. Reads are consistent. */
export type BatchStore = {
  /** @returns what stands there: this one, or the one that was made before with the same id */
  create(record: BatchRecord): Promise<BatchRecord>
  get(key: BatchKey): Promise<BatchRecord | undefined>
  /** Stores what was refused, once: the first time stays. @returns what stands there */
  settle(key: BatchKey, refused: Record<string, BatchItemError>): Promise<Record<string, BatchItemError>>
}
