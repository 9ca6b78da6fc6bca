import { SluiceError } from '#shared/platform/errors.ts'
import { openCallsOf } from '#shared/reasoning/open-calls-of.ts'
import { type CancelDependencies, cancelExecution } from './cancel-execution.ts'
import { callKeyOf, cancelledWith, childIdOf } from './child-execution.ts'
import type { ExecutionRecord } from './execution-record.ts'

/**
 * Cancels the children of an execution that has ended without an answer: nobody waits for theirs. Its worker does so when it is stopped in the middle of
 * a call; this is for the execution that had no worker then, since it was handed over, or its worker had died. Which calls were under way stands in its
 * checkpoint, which was stored before they were made. Repeatable.
 *
 * @throws what the stores throw
 */
export async function cancelChildren(dependencies: CancelDependencies, record: ExecutionRecord): Promise<void> {
  const { tenant, executionId, status, checkpoint } = record
  if (status === 'completed' || !checkpoint) return
  const childIds = openCallsOf(checkpoint.state).map(({ callId }) => childIdOf(record, callKeyOf(executionId, callId)))
  for (const childId of childIds) {
    await cancelExecution(dependencies, { tenant, executionId: childId }, cancelledWith(executionId)).catch((error: unknown) => {
      if (!isSettled(error)) throw error
    })
  }
}

/** Most calls ask no agent, and a child may have ended by itself. */
const isSettled = (error: unknown): boolean =>
  error instanceof SluiceError && (error.code === 'not_found' || error.code === 'invalid_state')
