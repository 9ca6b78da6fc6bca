import type { Batch, BatchAccepted, BatchRequest } from '#shared/protocol/batch.ts'
import type { ExecutionResult } from '#shared/protocol/execution.ts'
import type { CallOptions, RepeatableOptions } from './calls.ts'
import type { HttpCaller } from './http.ts'

export interface WaitOptions extends CallOptions {
  /** Seconds that the answer may wait for the end, 25 at the most; none when absent. */
  wait?: number
}

export interface BatchCalls {
  /** What an execution came to; its status tells whether it has. */
  executionResult(executionId: string, options?: WaitOptions): Promise<ExecutionResult>
  /** Asks for up to a hundred executions; says of each, in their order, its id or why it was refused. */
  runBatch(batch: BatchRequest, options?: RepeatableOptions): Promise<BatchAccepted>
  batch(batchId: string, options?: CallOptions): Promise<Batch>
  /** Stops what has not ended of a batch. */
  cancelBatch(batchId: string, options?: CallOptions): Promise<Batch>
}

export function batchCalls(http: HttpCaller): BatchCalls {
  const path = (batchId: string): string => `/v1/executions/batches/${encodeURIComponent(batchId)}`
  return {
    executionResult: (executionId, { wait, signal } = {}) =>
      http(`/v1/executions/${encodeURIComponent(executionId)}/result`, {
        ...(wait !== undefined && { headers: { prefer: `wait=${wait}` } }),
        signal,
      }),
    runBatch: (body, { idempotencyKey = crypto.randomUUID(), signal } = {}) =>
      http('/v1/executions/batch', { method: 'POST', body, idempotencyKey, signal }),
    batch: (batchId, { signal } = {}) => http(path(batchId), { signal }),
    cancelBatch: (batchId, { signal } = {}) => http(`${path(batchId)}/cancel`, { method: 'POST', signal }),
  }
}
