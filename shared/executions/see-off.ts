import { DRAIN_MS } from './end-execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { letNextIn } from './let-next-in.ts'
import { repostEnding } from './repost-ending.ts'
import type { RunDependencies } from './run.ts'

/**
 * Sees to an execution that had ended before a worker came: its viewers may not know it yet, it may have been given a slot meanwhile, and others
 * may wait for its turn in a conversation.
 * Repeatable.
 */
export async function seeOff(dependencies: RunDependencies, record: ExecutionRecord): Promise<void> {
  await dependencies.admission.releaseSlot(record, record.executionId)
  await letNextIn(dependencies, record)
  await dependencies.memory?.leave(record)
  await repostEnding(dependencies, record, AbortSignal.timeout(DRAIN_MS))
}
