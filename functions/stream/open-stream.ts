import { type AccessDependencies, authenticate } from '#shared/access/authenticate.ts'
import type { Principal } from '#shared/access/principal.ts'
import { requireChannel } from '#shared/access/require-channel.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { parseChannel } from '#shared/protocol/channel.ts'
import type { ChannelRef } from '#shared/streams/channel-ref.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import type { FollowStream } from './stream-request.ts'

export type OpenStreamDependencies = AccessDependencies & { executions: Pick<ExecutionStore, 'get'>; streamLog: StreamLog }

/** Is told who is calling as soon as that is known, before anything is looked at. @throws RateLimitError, ForbiddenError */
export type MeetCaller = (principal: Principal) => Promise<void>

/** What a caller may follow, and from where. */
export type OpenedStream = {
  ref: ChannelRef
  after: number
  /** Its terminal event stands in the log. */
  ended: boolean
  /** Nothing will ever come behind the caller's cursor. */
  complete: boolean
  /** When the right to follow ends, in milliseconds since the epoch. */
  until: number
}

/**
 * Opens a channel for whoever shows a token, or a ticket, which is bound to that channel then. When it has not said, the caller gets an
 * execution from its start, and everything else from now on.
 *
 * @throws UnauthorizedError, ForbiddenError, RateLimitError, or NotFoundError when the execution does not exist in the caller's tenant
 */
export async function openStream(
  dependencies: OpenStreamDependencies,
  { channel, credentials, after }: FollowStream,
  meet: MeetCaller,
): Promise<OpenedStream> {
  const { executions, streamLog } = dependencies
  const { tenant, expiresAt: until, ...principal } = await authenticate(credentials, dependencies, { use: channel })
  await meet({ tenant, ...principal })
  const { kind, id } = parseChannel(channel)
  requireChannel(principal, channel)
  const ref = { tenant, channel }
  if (kind !== 'execution') {
    return { ref, after: after ?? (await streamLog.lastSequence(ref)), ended: false, complete: false, until }
  }
  // Read before the log: the terminal event is there when the record says that the execution has ended.
  const execution = await executions.get({ tenant, executionId: id })
  if (!execution) throw new NotFoundError('execution', id)
  const ended = hasEnded(execution.status)
  const complete = ended && (await streamLog.lastSequence(ref)) <= (after ?? -1)
  return { ref, after: after ?? -1, ended, complete, until }
}
