import { type Clock, sleep } from '#shared/platform/clock.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import type { ExecutionStore } from './execution-store.ts'

export type WaitDependencies = { executions: Pick<ExecutionStore, 'get'>; clock: Clock }

export type WaitOptions = {
  /** When the caller goes on without the end, in milliseconds since the epoch. */
  deadline: number
  /** Ends the wait early: what is known then is answered. */
  signal?: AbortSignal | undefined
  /** Waits so many milliseconds; tests pass their own. */
  pause?: (milliseconds: number, signal?: AbortSignal) => Promise<void>
}

/** Pauses between two looks, in milliseconds: short work is seen at once, long work costs a read a second. */
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000
const GROWTH = 1.5

/**
 * Waits for the end of an execution: consistent reads with growing pauses, and a last one at the deadline.
 *
 * @param record - as it stands; nothing is read when it has ended
 * @returns the execution as it stands at its end, or when the time is up
 */
export async function waitForEnd(
  { executions, clock }: WaitDependencies,
  record: ExecutionRecord,
  { deadline, signal, pause = sleep }: WaitOptions,
): Promise<ExecutionRecord> {
  let standing = record
  for (let next = FIRST_PAUSE_MS; !hasEnded(standing.status); next = Math.min(next * GROWTH, LONGEST_PAUSE_MS)) {
    const left = deadline - clock.now()
    if (left <= 0 || signal?.aborted) break
    // Aborted: there is one more look, for what ended meanwhile.
    await pause(Math.min(next, left), signal).catch((error: unknown) => {
      if (!signal?.aborted) throw error
    })
    standing = (await executions.get(record)) ?? standing
  }
  return standing
}
