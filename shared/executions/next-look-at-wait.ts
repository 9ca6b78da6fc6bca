import type { Suspension } from './execution-record.ts'

/** When the sweeper looks whether an execution was woken that waits for other agents, in milliseconds. */
const LOOK_AGAIN_MS = 5 * 60_000

/** When the sweeper must look at a suspended execution: at the end of its time, and where others may have been lost that should wake it, before. */
export const nextLookAtWait = ({ for: reason, until }: Suspension, now: number): number =>
  reason === 'agents' ? Math.min(until, now + LOOK_AGAIN_MS) : until
