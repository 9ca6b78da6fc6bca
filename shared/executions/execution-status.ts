import type { ExecutionStatus } from '#shared/protocol/execution.ts'

/** Which status may follow which. Every change is one conditional write on the status before. */
export const NEXT_STATUSES: Record<ExecutionStatus, readonly ExecutionStatus[]> = {
  queued: ['running', 'cancelled', 'expired'],
  running: ['queued', 'waiting_input', 'completed', 'failed', 'timed_out', 'cancelled'],
  waiting_input: ['queued', 'cancelled'],
  completed: [],
  failed: [],
  timed_out: [],
  cancelled: [],
  expired: [],
}

export const hasEnded = (status: ExecutionStatus): boolean => NEXT_STATUSES[status].length === 0
