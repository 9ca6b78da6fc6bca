import type { ApprovalStore } from '#shared/executions/approval-store.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import type { Clock } from '#shared/platform/clock.ts'

/** Takes back what an execution has asked people for, once it has ended without an answer. Whoever decides meanwhile is told that it has ended. */
export const cancelApprovals =
  ({ approvals, clock }: { approvals(): Promise<ApprovalStore>; clock: Clock }) =>
  async ({ tenant, executionId, endedAt, pendingApprovals = [] }: ExecutionRecord): Promise<void> => {
    if (pendingApprovals.length === 0 || endedAt === undefined) return
    const store = await approvals()
    const end = { status: 'cancelled', decidedAt: endedAt, now: clock.now() } as const
    for (const approvalId of pendingApprovals) await store.settle({ tenant, approvalId, executionId }, end)
  }
