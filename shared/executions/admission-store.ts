import type { AgentKey, Gate } from '#shared/agents/gate.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { SlotKey } from './execution-store.ts'

/** An execution in an agent's mailbox. `place` sorts by priority, then time of creation, then id. */
export type Waiting = { executionId: string; place: string; worker?: string | undefined }

/**
 * Gates and mailboxes. A queued execution is in one of three places: new (neither slot nor mailbox), holding a slot, or in the mailbox; each
 * move is one write. Nobody parks unless the gate is closed or full at that very moment, so whoever opens the gate or gives a slot back
 * sees who waits, and no wake-up is lost.
 */
export type AdmissionStore = {
  gate(agent: AgentKey): Promise<Gate | undefined>
  /**
   * Takes a slot, on condition that the gate is open, has a free one, and nobody waits. Repeatable: who has a slot is told so again. Who was
   * cancelled with the agent gets none. `refused`: as the gate stands there. `missing`: there is no such agent.
   */
  takeSlot(
    record: SlotKey & Pick<ExecutionRecord, 'createdAt'>,
    now: number,
  ): Promise<{ result: 'taken' } | { result: 'refused'; gate: Gate } | { result: 'missing' }>
  /**
   * Puts a queued execution into the mailbox and gives its slot back if it has one, in one transaction. `onlyIfFull`: on condition that the
   * gate is closed, or full without a slot for this execution, which was not cancelled with the agent; `free`: it is not so. Without it a free slot may be left behind while
   * somebody waits: the caller must admit the next one. `changed`: the execution is no longer queued, or waits already.
   */
  park(record: ExecutionRecord, options: { onlyIfFull: boolean }): Promise<'parked' | 'free' | 'changed' | 'missing'>
  /** Who waits, in the order of admission. */
  listWaiting(agent: AgentKey, limit: number): Promise<Waiting[]>
  /**
   * Moves an execution from the mailbox to a slot and removes its `retryAt`, in one transaction, on condition that the gate is open and not full. `gone`: it left the
   * mailbox another way.
   */
  admitWaiting(agent: AgentKey, waiting: Waiting, time: { now: number; dueAt: number }): Promise<'admitted' | 'refused' | 'gone'>
  /** How many stand before a record of the mailbox. */
  countBefore(record: ExecutionRecord): Promise<number>
  /** Moves a record of the mailbox to another priority. */
  changePriority(record: ExecutionRecord, priority: number): Promise<'changed' | 'gone'>
  /** Gives a slot back outside an ending. Idempotent; nothing happens to a gate that is gone. */
  releaseSlot(agent: AgentKey, executionId: string): Promise<void>
}
