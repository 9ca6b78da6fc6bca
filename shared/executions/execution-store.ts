import type { AgentKey } from '#shared/agents/gate.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import type { Checkpoint, Ending, ExecutionRecord, Suspension } from './execution-record.ts'

/** Names one execution. */
export type ExecutionKey = { tenant: string; executionId: string }

/** Names an execution and the agent whose slot it has; every record does. */
export type SlotKey = ExecutionKey & { agentId: string }

/** What makes a record large. */
export type Payload = 'input' | 'output'

/** Executions of a tenant, or of an agent, a topic or a correlation of it, that were made in a span of time. */
export type ExecutionList = {
  tenant: string
  of?: { agentId: string } | { topic: string } | { correlationId: string } | undefined
  /** RFC 3339; `from` belongs to the span, `to` does not. */
  from?: string | undefined
  to?: string | undefined
}

export type ExecutionListPage = {
  limit: number
  after?: string | undefined
  /** What is not read: an input is null then, an output absent. */
  without?: readonly Payload[] | undefined
}

/** How far a writer is; stored with every change that it makes. */
export type WriterState = { attempt: number; postedThrough: number; usage?: Usage | undefined }

/** Executions. Reads are consistent; every change is one conditional write on the status before. Times are milliseconds. */
export type ExecutionStore = {
  /**
   * `exists` returns what stands there; nothing was written. `refused`: it has a parent, and its root has MAX_DESCENDANTS others already. It is
   * counted once, however often it is made, also when it could not be made the first time.
   */
  create(
    record: ExecutionRecord,
    dueAt: number,
  ): Promise<{ result: 'created' | 'refused' } | { result: 'exists'; record: ExecutionRecord }>
  get(key: ExecutionKey): Promise<ExecutionRecord | undefined>
  /** Executions of a tenant by their ids; those that there are, in no order. */
  getMany(tenant: string, executionIds: readonly string[], options?: { without?: readonly Payload[] }): Promise<ExecutionRecord[]>
  /** A page of a list, the newest first. `after` is the `next` of the page before; a foreign cursor throws ValidationError. */
  list(list: ExecutionList, page: ExecutionListPage): Promise<{ executions: ExecutionRecord[]; next?: string }>
  /**
   * Makes `owner` the writer, when the execution is queued and has a slot, or running under a lease that expired before `now`: status
   * running, fence + 1, attempt as `nextAttempt` says, `retryAt` and `woken` removed. `held`: another writer is alive. `parked`: it has no
   * slot, since it waits in the mailbox, for its next attempt, for its turn in a batch, or is suspended. `ended`: there is nothing to do
   * any more.
   *
   * @param lease.tookSlot - the caller has just taken a slot for it. Without, one with a `retryAt` is `parked`: it gave its slot back, and a
   *   late message of the attempt before must not run it.
   */
  acquire(
    key: ExecutionKey,
    lease: { owner: string; now: number; expiresAt: number; tookSlot: boolean },
  ): Promise<{ result: 'acquired' | 'held' | 'parked' | 'ended'; record: ExecutionRecord } | { result: 'missing' }>
  /** Prolongs the lease and stores how far the writer is. `lost`: the fence has moved on, the caller must stop. */
  renew(key: ExecutionKey, fence: number, state: WriterState & { expiresAt: number }): Promise<'renewed' | 'lost'>
  /** Stores what a later writer can go on from, on condition that the fence holds. */
  saveCheckpoint(key: ExecutionKey, fence: number, state: WriterState & { checkpoint: Checkpoint }): Promise<'saved' | 'lost'>
  /**
   * Ends the execution, appends `ending.events` to its stream and gives its slot back, in one transaction, on condition that the fence
   * holds and the events' place in the log is free. `lost`: one of the two does not. Repeatable: what this writer has ended is `ended`.
   *
   * @throws SluiceError `unavailable` when the tables are busy or out of reach
   */
  end(key: SlotKey, fence: number, ending: Ending): Promise<'ended' | 'lost'>
  /**
   * Ends an execution that nobody runs: in one transaction with its place in the mailbox, or its slot, or its wait, and the events of the
   * stream. `changed`: it is no longer as `record` says, or the events' place in the log is taken.
   */
  endQueued(record: ExecutionRecord, ending: Ending): Promise<'ended' | 'changed'>
  /** running → queued for the same attempt in another invocation; the slot stays taken. */
  handOver(key: ExecutionKey, fence: number, state: WriterState & { dueAt: number }): Promise<'queued' | 'lost'>
  /** running → queued for the next attempt, not before `retryAt`; the slot is given back in the same transaction. */
  retryLater(key: SlotKey, fence: number, state: WriterState & { retryAt: number; dueAt: number }): Promise<'queued' | 'lost'>
  /**
   * running → `waiting_input` or `queued`, in the middle of the attempt, until somebody wakes it; the slot is given back in the same
   * transaction. `due`: it has nothing to wait for any more, since all approvals are decided, somebody wanted to wake it meanwhile, or asked it to
   * stop; nothing was written. The sweeper looks at it at `dueAt`, or else when its time has come.
   */
  suspend(
    key: SlotKey,
    fence: number,
    state: WriterState & { suspended: Suspension; dueAt?: number },
  ): Promise<'suspended' | 'due' | 'lost'>
  /**
   * Ends a wait: queued, to be let in from `now` on, with the time that it has waited. `changed`: it does not wait as `record` says.
   *
   * @param record - one that is suspended
   */
  wake(record: ExecutionRecord, time: { now: number; dueAt: number }): Promise<'woken' | 'changed'>
  /** Has the next `suspend` of the writer find that it has nothing to wait for. `changed`: the execution is not running. */
  noteWake(key: ExecutionKey): Promise<'noted' | 'changed'>
  /** Gives back a slot that a late message took for an execution that is suspended. `changed`: it is not. */
  returnSlot(key: SlotKey): Promise<'returned' | 'changed'>
  /** Suspended executions of an agent, in no order. */
  listSuspended(agent: AgentKey, limit: number): Promise<ExecutionKey[]>
  /** Ends the wait for its turn in a batch, and has the sweeper look at it. `changed`: it did not wait for it, or has ended. */
  takeTurn(key: ExecutionKey, dueAt: number): Promise<'taken' | 'changed'>
  /** Asks the writer to stop. `changed`: the execution is not running. Repeatable: the first time stays. */
  requestCancel(key: ExecutionKey, at: string): Promise<'requested' | 'changed'>
  /** Executions whose lease, time to live, retry time, wait or time in the queue ran out before `now`; the longest overdue first. */
  listDue(now: number, limit: number): Promise<ExecutionKey[]>
  /** Puts off the next look at an execution that has not ended. */
  postpone(key: ExecutionKey, dueAt: number): Promise<void>
}
