import type { Principal } from '#shared/access/principal.ts'
import { principalSource } from '#shared/access/principal-source.ts'
import { ConflictError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import type { BatchPlace, ExecutionRecord } from './execution-record.ts'
import { requireOverrides } from './require-overrides.ts'
import { type DoorDependencies, startDirectly } from './start-directly.ts'
import { type Admit, requestHash, type StartRequest } from './start-execution.ts'

export type SubmitDependencies = DoorDependencies

export type SubmitOptions = {
  /** A request under a known key of the same caller answers the execution that the first one made. */
  idempotencyKey?: string | undefined
  /** Instead of a new id, or one that follows from the key. */
  executionId?: string | undefined
  /** Where it stands in a batch. */
  batch?: BatchPlace | undefined
  /** As startExecution takes it. */
  admit?: Admit | undefined
}

/**
 * Asks one agent directly: by REST or by a frame on a socket.
 *
 * @throws what {@link startDirectly} throws, ConflictError for another request under a known key or id
 */
export async function submitExecution(
  dependencies: SubmitDependencies,
  principal: Principal,
  asked: CreateExecution,
  { idempotencyKey, executionId, batch, admit }: SubmitOptions = {},
): Promise<ExecutionRecord> {
  const keyed = idempotencyKey === undefined ? newId() : keyedExecutionId(principal, idempotencyKey)
  const request = { ...requestOf(principal, asked, executionId ?? keyed), ...batch }
  const record = await startDirectly(dependencies, request, { caller: principal, admit })
  if (record.requestHash === requestHash(request)) return record
  throw new ConflictError('another request was made with the same idempotency key')
}

/** The execution that a caller's idempotency key stands for. */
export const keyedExecutionId = ({ tenant, subject }: Principal, idempotencyKey: string): string =>
  derivedId('request', tenant, subject, idempotencyKey)

/** What a caller asks for as an execution. @throws ForbiddenError for a model that it may not choose */
export function requestOf(principal: Principal, asked: CreateExecution, executionId: string): StartRequest {
  requireOverrides(principal, asked.llm)
  const { tenant, subject } = principal
  return { ...asked, tenant, executionId, source: principalSource(subject) }
}
