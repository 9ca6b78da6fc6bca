import type { Principal } from '#shared/access/principal.ts'
import { principalSource } from '#shared/access/principal-source.ts'
import { ConflictError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { type DoorDependencies, startDirectly } from './start-directly.ts'
import { type Admit, requestHash, type StartRequest } from './start-execution.ts'

export type SubmitDependencies = DoorDependencies

/**
 * Asks one agent directly: by REST or by a frame on a socket.
 *
 * @param options - a request under a known `idempotencyKey` of the same caller answers the execution that the first one made; `admit` as
 *   startExecution takes it
 * @throws what {@link startDirectly} throws, ConflictError for another request under a known key
 */
export async function submitExecution(
  dependencies: SubmitDependencies,
  principal: Principal,
  { ttlSeconds, ...asked }: CreateExecution,
  { idempotencyKey, admit }: { idempotencyKey?: string | undefined; admit?: Admit } = {},
): Promise<ExecutionRecord> {
  const { tenant, subject } = principal
  const request: StartRequest = {
    ...asked,
    tenant,
    executionId: idempotencyKey === undefined ? newId() : derivedId('request', tenant, subject, idempotencyKey),
    source: principalSource(subject),
    expiresAtMs: ttlSeconds === undefined ? undefined : dependencies.clock.now() + ttlSeconds * 1_000,
  }
  const record = await startDirectly(dependencies, request, { caller: principal, admit })
  if (record.requestHash === requestHash(request)) return record
  throw new ConflictError('another request was made with the same idempotency key')
}
