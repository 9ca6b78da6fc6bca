import type { Principal } from '#shared/access/principal.ts'
import { NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import { requireOverrides } from './require-overrides.ts'
import { type DoorDependencies, startDirectly } from './start-directly.ts'

/**
 * Does an execution that came to nothing again, as a new one with the same request: whoever repeats it asks the agent directly, however it was
 * asked before. Its time to live begins anew: it has none.
 *
 * @param options.idempotencyKey - makes the call repeatable: the same key gives the same new execution
 * @throws NotFoundError, ForbiddenError for a model that the caller may not choose, SluiceError `invalid_state` when it has not ended or is completed, and what {@link startDirectly} throws
 */
export async function retryExecution(
  dependencies: DoorDependencies,
  principal: Principal,
  executionId: string,
  { idempotencyKey }: { idempotencyKey?: string | undefined } = {},
): Promise<ExecutionRecord> {
  const { tenant, subject } = principal
  const record = await dependencies.executions.get({ tenant, executionId })
  if (!record) throw new NotFoundError('execution', executionId)
  if (!hasEnded(record.status) || record.status === 'completed')
    throw new SluiceError('invalid_state', `only what ended without success can be retried: it is ${record.status}`)
  // Whoever repeats it asks for its model himself.
  requireOverrides(principal, record.llm)
  const { agentId, input, inputRef, type, priority, timeoutSeconds, retry, llm, callbackUrl } = record
  const { source, messageId, topic, replyTo, correlationId, conversationId, parentId, rootId, rootSource, depth } = record
  const request = {
    ...{ tenant, agentId, input, inputRef, type, priority, timeoutSeconds, retry, llm, callbackUrl },
    ...{ source, messageId, topic, replyTo, correlationId, conversationId, parentId, rootId, rootSource, depth },
    executionId: idempotencyKey === undefined ? newId() : derivedId('retry', tenant, subject, executionId, idempotencyKey),
    retryOf: executionId,
  }
  return startDirectly(dependencies, request, { caller: principal })
}
