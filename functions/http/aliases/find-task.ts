import type { Principal } from '#shared/access/principal.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { derivedId } from '#shared/platform/ids.ts'
import { executionIdSchema } from '#shared/protocol/identifiers.ts'
import type { HttpDependencies } from '../dependencies.ts'

/** The execution that a task of a client's own naming became: the same one for everybody of the tenant. */
export const taskExecutionId = ({ tenant }: Pick<Principal, 'tenant'>, taskId: string): string =>
  derivedId('task', tenant, taskId)

/**
 * The execution behind a task, by the client's name for it or by the id that we gave.
 *
 * @throws SluiceError `not_found`, in the words of the document that the path is from
 */
export async function findTask(
  { executions }: HttpDependencies,
  { tenant }: Pick<Principal, 'tenant'>,
  taskId: string,
): Promise<ExecutionRecord> {
  const named = await executions.get({ tenant, executionId: taskExecutionId({ tenant }, taskId) })
  const isId = executionIdSchema.safeParse(taskId).success
  const record = named ?? (isId ? await executions.get({ tenant, executionId: taskId }) : undefined)
  if (!record) throw new SluiceError('not_found', 'Task not found')
  return record
}
