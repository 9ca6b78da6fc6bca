import type { Approval } from '#shared/protocol/approval.ts'
import type { ExecutionKey } from './execution-store.ts'

/** Names one approval. */
export type ApprovalKey = { tenant: string; approvalId: string }

/** How an approval comes to its end. */
export type ApprovalEnd = {
  status: 'approved' | 'denied' | 'expired' | 'cancelled'
  /** RFC 3339. */
  decidedAt: string
  decidedBy?: string | undefined
  reason?: string | undefined
}

/** Approvals of a tenant, or of an agent or an execution of it. */
export type ApprovalList = {
  tenant: string
  of?: { agentId: string } | { executionId: string } | undefined
  /** Those that are pending, or those that are not; all when absent. */
  pending?: boolean | undefined
}

/** What a person is asked about calls of tools. What an execution waits for stands on its record too, changed in the same transactions. */
export type ApprovalStore = {
  /**
   * Stores those that are not there, and that the execution waits for them, on condition that the fence holds. `lost`: it does not. Repeatable:
   * those that are known stay as they are.
   */
  ask(key: ExecutionKey, fence: number, approvals: readonly Approval[]): Promise<'asked' | 'lost'>
  /** Approvals by their ids, read consistently; those that there are, in no order. */
  getMany(tenant: string, approvalIds: readonly string[]): Promise<Approval[]>
  /**
   * pending → its end. The execution waits for it no more, and the sweeper looks at it, should nobody wake it. `changed`: it is not pending, or
   * its execution has ended, so that nothing but `cancelled` can become of it.
   */
  settle(key: ApprovalKey & { executionId: string }, end: ApprovalEnd & { now: number }): Promise<'settled' | 'changed'>
  /** A page of a list, the newest first; lists lag a moment behind. A foreign cursor throws ValidationError. */
  list(list: ApprovalList, page: { limit: number; after?: string | undefined }): Promise<{ approvals: Approval[]; next?: string }>
}
