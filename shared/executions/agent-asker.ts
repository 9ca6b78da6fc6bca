import { requireDepth, rootSourceOf } from '#shared/messaging/child-message.ts'
import { ConflictError, SluiceError } from '#shared/platform/errors.ts'
import type { AgentQuestion, AgentReply, AskAgent } from '#shared/tools/ask-agent.ts'
import { type CancelDependencies, cancelExecution } from './cancel-execution.ts'
import { cancelledWith, childIdOf } from './child-execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import { RunStoppedError } from './run-stopped-error.ts'
import { type DoorDependencies, startDirectly } from './start-directly.ts'
import { requestHash, type StartRequest } from './start-execution.ts'
import { type WaitOptions, waitForEnd } from './wait-for-end.ts'

export type AgentAskerDependencies = DoorDependencies & CancelDependencies

/**
 * Has agents ask each other: the question becomes a child execution, of the same tenant and one step deeper in the chain, which its worker runs like every
 * other one, and whose end is waited for here as long as the caller has patience.
 *
 * @param options.pause - as waitForEnd takes it
 */
export function agentAsker(dependencies: AgentAskerDependencies, { pause }: Pick<WaitOptions, 'pause'> = {}): AskAgent {
  return async (question, signal, { patienceMs = Number.POSITIVE_INFINITY, again = false } = {}) => {
    const request = childOf(question)
    requireDepth(request)
    const known = again ? await dependencies.executions.get(request) : undefined
    const caller = { agentId: question.caller.agentId }
    const record = known ?? (await startDirectly(dependencies, request, { caller }))
    if (record.requestHash !== requestHash(request)) throw new ConflictError('another question was asked with the same key')
    const deadline = dependencies.clock.now() + patienceMs
    const standing = await waitForEnd(dependencies, record, { deadline, signal, ...(pause && { pause }) })
    if (hasEnded(standing.status)) return replyOf(standing)
    if (!signal.aborted) return { status: 'pending' }
    if (isOver(signal.reason)) await cancelChild(dependencies, standing, question.caller.executionId)
    throw signal.reason
  }
}

function childOf({ caller, agentId, input, idempotencyKey }: AgentQuestion): StartRequest {
  const { tenant, executionId, rootId = executionId, depth = 0 } = caller
  return {
    tenant,
    agentId,
    input,
    executionId: childIdOf(caller, idempotencyKey),
    source: `/agents/${caller.agentId}`,
    parentId: executionId,
    rootId,
    rootSource: rootSourceOf(caller),
    depth: depth + 1,
  }
}

function replyOf({ status, output, error }: ExecutionRecord): AgentReply {
  if (status === 'completed')
    return { status, text: output?.text ?? '', ...(output?.data !== undefined && { data: output.data }) }
  if (status === 'failed' || status === 'timed_out' || status === 'cancelled' || status === 'expired')
    return { status, code: error?.code ?? 'internal', detail: error?.detail ?? 'it says no more' }
  throw new SluiceError('internal', `an execution that is ${status} has no end`)
}

/** Whether nobody comes back for the answer. A run that goes on in another invocation does, and finds the child where it is then. */
const isOver = (reason: unknown): boolean =>
  reason instanceof RunStoppedError
    ? reason.kind === 'cancelled' || reason.kind === 'timed_out'
    : reason instanceof SluiceError && reason.code === 'timeout'

/** What has ended meanwhile needs no cancel; what cannot be cancelled now is, once the execution that asked has ended. */
async function cancelChild(dependencies: CancelDependencies, child: ExecutionRecord, parentId: string): Promise<void> {
  await cancelExecution(dependencies, child, cancelledWith(parentId)).catch(() => undefined)
}
