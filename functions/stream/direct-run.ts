import { type AccessDependencies, authenticate, type Credentials } from '#shared/access/authenticate.ts'
import type { Principal } from '#shared/access/principal.ts'
import { requireScope } from '#shared/access/require-scope.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { executionLinks } from '#shared/executions/execution-view.ts'
import { type DirectDependencies, runDirectly, submitDirectly } from '#shared/executions/run-directly.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import { type ChannelRef, executionRef } from '#shared/streams/channel-ref.ts'
import { type RunFeed, runFeed } from '#shared/streams/run-feed.ts'
import type { MeetCaller } from './open-stream.ts'
import type { Served } from './served.ts'

/** An execution that was taken on. */
export type DirectRun = {
  record: ExecutionRecord
  ref: ChannelRef
  /** What it says here; absent where it runs elsewhere, and is followed there. */
  feed?: RunFeed
  /** What every door answers to a request that it takes on. */
  accepted: Pick<ExecutionRecord, 'executionId' | 'status'> & { links: ReturnType<typeof executionLinks> }
}

/** Who asks for an execution and for what it says. @throws UnauthorizedError, RateLimitError, ForbiddenError */
export async function requireRunner(
  access: AccessDependencies,
  credentials: Credentials,
  meet: MeetCaller,
): Promise<VerifiedPrincipal> {
  const principal = await authenticate(credentials, access)
  await meet(principal)
  requireScope(principal, 'executions:write')
  requireScope(principal, 'executions:read')
  return principal
}

/**
 * Takes an execution on and runs it in this very invocation: no queue, no posts. It is accepted work: it runs to its end whether the caller
 * stays or not.
 *
 * @throws what submitDirectly throws, before the answer has begun
 */
export async function directRun(
  dependencies: DirectDependencies,
  principal: Principal,
  asked: CreateExecution,
  { idempotencyKey, served }: { idempotencyKey: string | undefined; served: Served },
): Promise<DirectRun> {
  const { answer, record: audited, outlive } = served
  const { record, work } = await submitDirectly(dependencies, principal, asked, { idempotencyKey })
  const { executionId, status } = record
  const ref = executionRef(record)
  const feed = runFeed(dependencies.streamLog, ref)
  const { remainingMs } = answer
  if (work) outlive(runDirectly(dependencies, work, { remainingMs, tap: feed.tap }).finally(() => feed.close()))
  const links = executionLinks(executionId)
  const accepted = { executionId, status, links }
  // The work has begun meanwhile.
  await audited.accepted(links.self, accepted)
  return { record, ref, ...(work && { feed }), accepted }
}
