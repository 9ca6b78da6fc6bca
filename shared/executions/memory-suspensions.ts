import { giveBackSlot, type MemoryGates } from '#shared/agents/memory-gates.ts'
import type { ExecutionStore } from './execution-store.ts'
import { type MemoryExecutions, NO_LEASE } from './memory-executions.ts'
import { waitedMsOf } from './waited-ms-of.ts'

/** The moves of executions that wait in the middle of an attempt. Every method is atomic. */
export function memorySuspensions(
  stored: MemoryExecutions,
  gates: MemoryGates,
): Pick<ExecutionStore, 'suspend' | 'wake' | 'noteWake' | 'returnSlot' | 'listSuspended'> {
  return {
    async suspend(key, fence, { attempt, usage, postedThrough, suspended, dueAt = suspended.until }) {
      const entry = stored.find(key)
      if (entry?.record.fence !== fence) return 'lost'
      const { status, cancelRequestedAt, pendingApprovals = [], woken } = entry.record
      if (status !== 'running') return entry.record.suspended ? 'suspended' : 'lost'
      const hasToWait = suspended.for === 'input' ? pendingApprovals.length > 0 : !woken
      if (cancelRequestedAt !== undefined || !hasToWait) return 'due'
      giveBackSlot(gates, key, key.executionId)
      const waits = suspended.for === 'input' ? 'waiting_input' : 'queued'
      const change = { status: waits, attempt, nextAttempt: attempt, usage, postedThrough, suspended, ...NO_LEASE } as const
      stored.change(entry, change, dueAt)
      return 'suspended'
    },
    async wake({ fence, ...key }, { now, dueAt }) {
      const entry = stored.find(key)
      const { suspended } = entry?.record ?? {}
      if (!entry || !suspended || entry.record.fence !== fence) return 'changed'
      const waitedMs = waitedMsOf(entry.record) + Math.max(0, now - suspended.since)
      const woken = {
        status: 'queued',
        suspended: undefined,
        waitedMs,
        wokenAt: now,
        resumedAt: undefined,
        retryAt: now,
      } as const
      stored.change(entry, woken, dueAt)
      return 'woken'
    },
    async noteWake(key) {
      const entry = stored.find(key)
      if (entry?.record.status !== 'running') return 'changed'
      stored.change(entry, { woken: true }, entry.dueAt)
      return 'noted'
    },
    async returnSlot(key) {
      if (!stored.find(key)?.record.suspended || !gates.find(key)) return 'changed'
      giveBackSlot(gates, key, key.executionId)
      return 'returned'
    },
    async listSuspended(agent, limit) {
      const suspended = stored.ofAgent(agent).filter(({ record }) => record.suspended)
      return suspended.slice(0, limit).map(({ record: { tenant, executionId } }) => ({ tenant, executionId }))
    },
  }
}
