import type { Principal } from '#shared/access/principal.ts'
import type { WorkItem } from '#shared/messaging/work-queue.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import { workItemOf } from './admission.ts'
import { admitExecution, takeSlotOrPark } from './admit-execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { Invocation, RunDependencies } from './run.ts'
import { runExecution } from './run-execution.ts'
import type { Admit } from './start-execution.ts'
import { type SubmitDependencies, submitExecution } from './submit-execution.ts'

export type DirectDependencies = SubmitDependencies & RunDependencies

/**
 * Asks one agent, as every door does, for a caller that runs the answer itself and reads along: then no queue stands between. What it
 * cannot run (no slot is free, the agent is code or does not run, the request is known) goes the way of all requests.
 *
 * @returns `work`: what the caller must run now, with {@link runDirectly}. When it never does, the sweeper gives the work to the queue
 * @throws what {@link submitExecution} throws
 */
export async function submitDirectly(
  dependencies: SubmitDependencies,
  principal: Principal,
  asked: CreateExecution,
  { idempotencyKey }: { idempotencyKey?: string | undefined } = {},
): Promise<{ record: ExecutionRecord; work?: WorkItem }> {
  let work: WorkItem | undefined
  const admit: Admit = async (admission, record) => {
    if (record.worker !== undefined) return admitExecution(admission, record)
    const result = await takeSlotOrPark(admission, record)
    if (result !== 'taken') return result
    work = workItemOf(record)
    return 'admitted'
  }
  const record = await submitExecution(dependencies, principal, asked, { idempotencyKey, admit })
  return { record, ...(work && { work }) }
}

/**
 * Runs what {@link submitDirectly} left to its caller, to its end whoever goes on reading. What fails on the way is given to the queue, as a
 * message that comes again is: another worker takes it over when the lease is free.
 *
 * @returns whether it ended here; otherwise its stream goes on elsewhere
 */
export async function runDirectly(dependencies: RunDependencies, work: WorkItem, invocation: Invocation): Promise<boolean> {
  const { logger, workQueue } = dependencies
  try {
    return (await runExecution(dependencies, work, invocation)) === 'ended'
  } catch (error) {
    const { tenant, executionId } = work
    logger.error('direct_run_failed', { tenant, executionId, error })
    // The sweeper finds it if this fails as well.
    await workQueue.send(work).catch(() => undefined)
    return false
  }
}
