import { NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import type { AdmissionStore } from './admission-store.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionKey, ExecutionStore } from './execution-store.ts'

/**
 * Moves an execution that waits in its agent's mailbox to another priority; among its equals it keeps its age.
 *
 * @returns the execution as it stands
 * @throws NotFoundError, SluiceError `invalid_state` when it does not wait (any more)
 */
export async function changePriority(
  { executions, admission }: { executions: ExecutionStore; admission: AdmissionStore },
  key: ExecutionKey,
  priority: number,
): Promise<ExecutionRecord> {
  const record = await executions.get(key)
  if (!record) throw new NotFoundError('execution', key.executionId)
  if (record.priority === priority && record.place !== undefined) return record
  if (record.place === undefined || (await admission.changePriority(record, priority)) === 'gone')
    throw new SluiceError('invalid_state', 'the execution does not wait: it has begun, or is about to')
  return (await executions.get(key)) ?? record
}
