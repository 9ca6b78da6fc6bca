import type { AdmissionDependencies } from './admission.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { wakeExecution } from './wake-execution.ts'

/**
 * Has the execution that asked for one that has ended look at it. To be called when an execution has ended. Repeatable, and harmless where nobody waits.
 *
 * @param ended - one that came by a message has no parent that waits: what an agent sends, it does not wait for
 * @throws what {@link wakeExecution} throws
 */
export async function wakeParent(
  dependencies: AdmissionDependencies,
  { tenant, parentId, messageId }: ExecutionRecord,
): Promise<void> {
  if (parentId === undefined || messageId !== undefined) return
  await wakeExecution(dependencies, { tenant, executionId: parentId })
}
