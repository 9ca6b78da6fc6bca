import { openCallsOf } from '#shared/reasoning/open-calls-of.ts'
import { callKeyOf, childIdOf } from './child-execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import type { ExecutionStore } from './execution-store.ts'

/**
 * Whether an agent has answered that a suspended execution waits for, so that it would find something new. It costs a read for each, where a look of the
 * execution itself takes a slot, an invocation and all that its tools and its memory need.
 *
 * @returns true also where it cannot be told from here
 */
export async function hasAnswer(
  { executions }: { executions: Pick<ExecutionStore, 'get'> },
  record: ExecutionRecord,
): Promise<boolean> {
  const { tenant, executionId, checkpoint } = record
  const open = checkpoint ? openCallsOf(checkpoint.state) : []
  const pending = open.filter(({ result, startedAt }) => !result && startedAt !== undefined)
  const children = await Promise.all(
    pending.map(({ callId }) => executions.get({ tenant, executionId: childIdOf(record, callKeyOf(executionId, callId)) })),
  )
  return children.length === 0 || children.some((child) => !child || hasEnded(child.status))
}
