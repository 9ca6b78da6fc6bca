import { encodeCursor } from '#shared/platform/cursor.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import { approvalPlace } from './approval-item.ts'
import type { ApprovalKey, ApprovalList, ApprovalStore } from './approval-store.ts'
import { placesBetween } from './execution-cursor.ts'
import { hasEnded } from './execution-status.ts'
import type { MemoryExecutions } from './memory-executions.ts'

type Stored = { tenant: string; approval: Approval }

/** Approvals in memory, over the executions that wait for them. Every method is atomic. */
export function memoryApprovalStore(executions: MemoryExecutions): ApprovalStore {
  const stored = new Map<string, Stored>()
  const name = ({ tenant, approvalId }: ApprovalKey): string => JSON.stringify([tenant, approvalId])
  const isIn = ({ of, pending }: ApprovalList, { status, agentId, executionId }: Approval): boolean =>
    (pending === undefined || pending === (status === 'pending')) &&
    (of === undefined || ('agentId' in of ? of.agentId === agentId : of.executionId === executionId))

  return {
    async ask(key, fence, approvals) {
      const entry = executions.find(key)
      if (entry?.record.status !== 'running' || entry.record.fence !== fence) return 'lost'
      const { tenant } = key
      const fresh = approvals.filter(({ approvalId }) => !stored.has(name({ tenant, approvalId })))
      for (const approval of fresh) stored.set(name({ tenant, ...approval }), { tenant, approval: structuredClone(approval) })
      const ids = [...(entry.record.pendingApprovals ?? []), ...fresh.map(({ approvalId }) => approvalId)]
      if (ids.length > 0) executions.change(entry, { pendingApprovals: ids.sort() }, entry.dueAt)
      return 'asked'
    },
    async getMany(tenant, approvalIds) {
      return structuredClone(approvalIds.flatMap((approvalId) => stored.get(name({ tenant, approvalId }))?.approval ?? []))
    },
    async settle(key, { now, ...end }) {
      const found = stored.get(name(key))
      const entry = executions.find(key)
      if (found?.approval.status !== 'pending' || found.approval.executionId !== key.executionId) return 'changed'
      if (end.status !== 'cancelled') {
        if (!entry || hasEnded(entry.record.status)) return 'changed'
        const left = entry.record.pendingApprovals?.filter((id) => id !== key.approvalId) ?? []
        const pendingApprovals = left.length > 0 ? left : undefined
        executions.change(entry, { pendingApprovals }, entry.dueAt === undefined ? undefined : now)
      }
      found.approval = { ...found.approval, ...end }
      return 'settled'
    },
    async list(list, { limit, after }) {
      const { high } = placesBetween({ after })
      const found = [...stored.values()]
        .filter(({ tenant, approval }) => tenant === list.tenant && isIn(list, approval) && approvalPlace(approval) < high)
        .map(({ approval }) => approval)
        .sort((one, other) => (approvalPlace(one) < approvalPlace(other) ? 1 : -1))
      const approvals = structuredClone(found.slice(0, limit))
      const last = approvals.at(-1)
      return { approvals, ...(last && found.length > limit && { next: encodeCursor(approvalPlace(last)) }) }
    },
  }
}
