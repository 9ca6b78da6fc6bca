import type { Ending, ExecutionRecord } from './execution-record.ts'

/** Names one execution. */
export type ExecutionKey = { tenant: string; executionId: string }

/** Executions. Reads are consistent; every change is one conditional write on the status before. Times are milliseconds. */
export type ExecutionStore = {
  /** `exists` returns what stands there; nothing was written. */
  create(record: ExecutionRecord, dueAt: number): Promise<{ result: 'created' } | { result: 'exists'; record: ExecutionRecord }>
  get(key: ExecutionKey): Promise<ExecutionRecord | undefined>
  /**
   * Makes `owner` the writer, when the execution is queued, or running under a lease that expired before `now`: status running,
   * fence + 1, attempt + 1. `held`: another writer is alive. `ended`: there is nothing to do any more.
   */
  acquire(
    key: ExecutionKey,
    lease: { owner: string; now: number; expiresAt: number },
  ): Promise<{ result: 'acquired' | 'held' | 'ended'; record: ExecutionRecord } | { result: 'missing' }>
  /** Prolongs the lease and stores how far the writer is. `lost`: the fence has moved on, the caller must stop. */
  renew(
    key: ExecutionKey,
    fence: number,
    state: { expiresAt: number; attempt: number; postedThrough: number },
  ): Promise<'renewed' | 'lost'>
  /**
   * Ends the execution and appends `ending.events` to its stream, in one transaction, on condition that the fence holds and
   * the events' place in the log is free. `lost`: one of the two does not. Repeatable: what this writer has ended is `ended`.
   *
   * @throws SluiceError `unavailable` when the tables are busy or out of reach
   */
  end(key: ExecutionKey, fence: number, ending: Ending): Promise<'ended' | 'lost'>
  /** Executions whose lease, or whose time in the queue, ran out before `now`; the longest overdue first. */
  listDue(now: number, limit: number): Promise<ExecutionKey[]>
  /** Puts off the next look at an execution that has not ended. */
  postpone(key: ExecutionKey, dueAt: number): Promise<void>
}
