import type { ExecutionRecord } from './execution-record.ts'

/**
 * How long an execution has waited in the middle of its work, in milliseconds: for somebody, and then for a slot, since its agent was busy or paused. That time
 * is not its own, and does not count to its timeout.
 */
export const waitedMsOf = ({ waitedMs = 0, wokenAt = Number.POSITIVE_INFINITY, resumedAt = 0 }: ExecutionRecord): number =>
  waitedMs + Math.max(0, resumedAt - wokenAt)
