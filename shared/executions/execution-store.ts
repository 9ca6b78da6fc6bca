import type { Ending, ExecutionRecord } from './execution-record.ts'

/** Executions. Reads are consistent; every change is one conditional write on the status before. Times are milliseconds. */
export type ExecutionStore = {
  /** `exists` returns what stands there; nothing was written. */
  create(record: ExecutionRecord): Promise<{ result: 'created' } | { result: 'exists'; record: ExecutionRecord }>
  get(tenant: string, executionId: string): Promise<ExecutionRecord | undefined>
  /**
   * Makes `owner` the writer, when the execution is queued, or running under a lease that expired at `now`: status running,
   * fence + 1, attempt + 1. `held`: another writer is alive. `ended`: there is nothing to do any more.
   */
  acquire(
    tenant: string,
    executionId: string,
    lease: { owner: string; now: number; expiresAt: number },
  ): Promise<{ result: 'acquired' | 'held' | 'ended'; record: ExecutionRecord } | { result: 'missing' }>
  /** Prolongs the lease and stores the attempt. `lost`: the fence has moved on, the caller must stop. */
  renew(
    tenant: string,
    executionId: string,
    lease: { fence: number; expiresAt: number; attempt: number },
  ): Promise<'renewed' | 'lost'>
  /**
   * Ends the execution and appends `ending.events` to its stream, in one transaction, on condition that the fence holds and
   * the events' place in the log is free. `lost`: the fence has moved on. `taken`: a zombie wrote at that place.
   */
  end(tenant: string, executionId: string, fence: number, ending: Ending, endedAt: string): Promise<'ended' | 'lost' | 'taken'>
  /** Executions whose lease, or whose time in the queue, ran out before `now`; a page at a time. */
  listDue(now: number, limit: number): Promise<{ tenant: string; executionId: string }[]>
  /** Puts off the next look at a queued execution. */
  postpone(tenant: string, executionId: string, dueAt: number): Promise<void>
}
