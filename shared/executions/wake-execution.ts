import { SluiceError } from '#shared/platform/errors.ts'
import { type AdmissionDependencies, QUEUE_PATIENCE_MS, workItemOf } from './admission.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionKey } from './execution-store.ts'

/** Looks at an execution that others keep changing. */
const ROUNDS = 10

/**
 * Lets a suspended execution go on, when it has nothing to wait for any more: its time has come, or every approval is decided; one that
 * waits for its turn or for other agents goes on in any case, and looks again. One that runs still is told to look again before it waits.
 * Repeatable.
 *
 * @returns `waits`: there are approvals to be decided yet. `nothing`: it does not wait, so it looks by itself
 * @throws SluiceError `unavailable` when others change it all the time; the sweeper makes up for a lost message
 */
export async function wakeExecution(
  { executions, workQueue, clock }: AdmissionDependencies,
  key: ExecutionKey,
): Promise<'woken' | 'noted' | 'waits' | 'nothing'> {
  for (let round = 0; round < ROUNDS; round++) {
    const record = await executions.get(key)
    const now = clock.now()
    if (record?.suspended) {
      if (hasToWait(record, now)) return 'waits'
      if ((await executions.wake(record, { now, dueAt: now + QUEUE_PATIENCE_MS })) === 'changed') continue
      await workQueue.send({ ...workItemOf(record), admit: true })
      return 'woken'
    }
    if (record?.status !== 'running') return 'nothing'
    if ((await executions.noteWake(record)) === 'noted') return 'noted'
  }
  throw new SluiceError('unavailable', `the execution "${key.executionId}" changes all the time`)
}

/**
 * Whether somebody has to decide yet. Nothing is asked for while an execution waits, so what is decided stays so. Agents that it waits for besides do not
 * wake it before that: its model is asked again when all calls have their results.
 */
const hasToWait = ({ suspended, pendingApprovals = [] }: ExecutionRecord, now: number): boolean =>
  suspended?.for === 'input' && now < suspended.until && pendingApprovals.length > 0
