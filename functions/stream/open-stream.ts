import { requireScope } from '#shared/access/require-scope.ts'
import { redeemTicket, type TicketDependencies } from '#shared/access/tickets.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import { NotFoundError, UnauthorizedError } from '#shared/platform/errors.ts'
import type { FollowRequest } from '#shared/streams/follow-stream.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import type { StreamRequest } from './stream-request.ts'

export type OpenStreamDependencies = TicketDependencies & { executions: Pick<ExecutionStore, 'get'>; streamLog: StreamLog }

/**
 * What the caller may follow, and from where: an execution from its start and a topic from now on, when it has not said.
 *
 * @throws UnauthorizedError, ForbiddenError, or NotFoundError when the execution does not exist in the caller's tenant
 */
export async function openStream(
  dependencies: OpenStreamDependencies,
  { kind, id, channel, ticket, after }: StreamRequest,
): Promise<Pick<FollowRequest, 'ref' | 'after' | 'ended'>> {
  const { executions, streamLog } = dependencies
  if (!ticket) throw new UnauthorizedError('a ticket is required')
  const principal = await redeemTicket(ticket, dependencies)
  requireScope(principal, kind === 'topic' ? 'topics:read' : 'executions:read')
  const ref = { tenant: principal.tenant, channel }
  if (kind === 'topic') return { ref, after: after ?? (await streamLog.lastSequence(ref)), ended: false }

  // Read before the log: the terminal event is there when the record says that the execution has ended.
  const execution = await executions.get({ tenant: principal.tenant, executionId: id })
  if (!execution) throw new NotFoundError('execution', id)
  return { ref, after: after ?? -1, ended: hasEnded(execution.status) }
}
