import { type AccessDependencies, authenticate } from '#shared/access/authenticate.ts'
import { requireScope } from '#shared/access/require-scope.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { executionLinks } from '#shared/executions/execution-view.ts'
import { type DirectDependencies, runDirectly, submitDirectly } from '#shared/executions/run-directly.ts'
import { allowedUrl } from '#shared/platform/allowed-url.ts'
import { parse } from '#shared/platform/parse.ts'
import { createExecutionSchema } from '#shared/protocol/execution.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { runFeed } from '#shared/streams/run-feed.ts'
import { readJsonBody } from '../doors/read-json-body.ts'
import type { MeetCaller } from './open-stream.ts'
import type { StreamAnswer } from './stream-answer.ts'
import type { StreamRecord } from './stream-record.ts'
import type { RunStream } from './stream-request.ts'
import { tailStream } from './tail-stream.ts'

export type RunStreamDependencies = DirectDependencies & {
  /** Takes `http:` addresses for callbacks. */
  allowPrivateCallbacks: boolean
}

/**
 * Runs an execution in this very invocation and answers with its events: no queue, no posts. What cannot run here is followed where it
 * runs. It is accepted work: it runs to its end whether the caller stays or not.
 *
 * @throws what submitDirectly throws, and RateLimitError, before the answer has begun
 */
export async function runStream(
  dependencies: RunStreamDependencies,
  access: AccessDependencies,
  { credentials, body, idempotencyKey, view }: RunStream,
  { answer, record: audited, meet }: { answer: StreamAnswer; record: StreamRecord; meet: MeetCaller },
): Promise<void> {
  const { expiresAt: until, ...principal } = await authenticate(credentials, access)
  await meet(principal)
  requireScope(principal, 'executions:write')
  requireScope(principal, 'executions:read')
  const asked = parse(createExecutionSchema, readJsonBody(body, MAX_REFERENCED_BYTES), 'request body')
  if (asked.callbackUrl !== undefined) allowedUrl(asked.callbackUrl, dependencies.allowPrivateCallbacks)
  const { record, work } = await submitDirectly(dependencies, principal, asked, { idempotencyKey })

  const { executionId, status } = record
  const ref = executionRef(record)
  const feed = runFeed(dependencies.streamLog, ref)
  const { remainingMs } = answer
  const running = work && runDirectly(dependencies, work, { remainingMs, tap: feed.tap }).finally(() => feed.close())
  try {
    const links = executionLinks(executionId)
    const accepted = { executionId, status, links }
    // The work has begun meanwhile.
    await audited.accepted(links.self, accepted)
    const { writer, signal } = answer.begin({ ref, after: -1, until, view })
    writer.accepted(accepted)
    let ended = false
    for await (const { events, preview } of work ? feed.batches(signal) : []) {
      await writer.write(events, preview)
      ended = events.some(isTerminalEvent)
    }
    if (!ended) await tailStream(dependencies, writer, { ref, ended: hasEnded(status), signal })
  } catch (error) {
    answer.begun()?.reconnect()
    throw error
  } finally {
    // An answer that is over is no reason to stop the work.
    answer.end()
    await running
  }
}
