import { openCallsOf } from '#shared/reasoning/open-calls-of.ts'
import { type CancelDependencies, cancelUnlessEnded } from './cancel-execution.ts'
import { callKeyOf, cancelledWith, childIdOf } from './child-execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionKey } from './execution-store.ts'

/**
 * Cancels the children of an execution that has ended without an answer: nobody waits for theirs. Its worker does so when it is stopped in the middle of
 * a call; this is for the execution that had no worker then, since it was handed over, or its worker had died. Which calls were under way stands in its
 * checkpoint, which was stored before they were made. Repeatable.
 *
 * @throws what the stores throw
 */
export async function cancelChildren(dependencies: CancelDependencies, record: ExecutionRecord): Promise<void> {
  const { executionId, status, checkpoint } = record
  if (status === 'completed' || !checkpoint) return
  for (const { callId } of openCallsOf(checkpoint.state)) await cancelChild(dependencies, record, callKeyOf(executionId, callId))
}

/**
 * Cancels the child that a call has begun, where it has begun one that has not ended. Repeatable.
 *
 * @throws what the stores throw
 */
export async function cancelChild(dependencies: CancelDependencies, parent: ExecutionKey, callKey: string): Promise<void> {
  const { tenant, executionId } = parent
  const child = { tenant, executionId: childIdOf(parent, callKey) }
  // Most calls ask no agent.
  await cancelUnlessEnded(dependencies, child, cancelledWith(executionId))
}
