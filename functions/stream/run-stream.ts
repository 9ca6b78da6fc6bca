import type { AccessDependencies } from '#shared/access/authenticate.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import type { DirectDependencies } from '#shared/executions/run-directly.ts'
import type { ArtifactStore } from '#shared/messaging/artifact-store.ts'
import { allowedUrl } from '#shared/platform/allowed-url.ts'
import { parse } from '#shared/platform/parse.ts'
import { createExecutionSchema } from '#shared/protocol/execution.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import { readJsonBody } from '../doors/read-json-body.ts'
import { directRun, requireRunner } from './direct-run.ts'
import type { Served } from './served.ts'
import type { RunStream } from './stream-request.ts'
import { tailStream } from './tail-stream.ts'

export type RunStreamDependencies = DirectDependencies & {
  artifacts: ArtifactStore
  /** Takes `http:` addresses for callbacks. */
  allowPrivateCallbacks: boolean
}

/**
 * Runs an execution and answers with its events. What cannot run here is followed where it runs.
 *
 * @throws what directRun and requireRunner throw, before the answer has begun
 */
export async function runStream(
  dependencies: RunStreamDependencies,
  access: AccessDependencies,
  { credentials, body, idempotencyKey, view }: RunStream,
  served: Served,
): Promise<void> {
  const principal = await requireRunner(access, credentials, served.meet)
  const asked = parse(createExecutionSchema, readJsonBody(body, MAX_REFERENCED_BYTES), 'request body')
  if (asked.callbackUrl !== undefined) allowedUrl(asked.callbackUrl, dependencies.allowPrivateCallbacks)
  const { record, ref, feed, accepted } = await directRun(dependencies, principal, asked, { idempotencyKey, served })

  const { writer, signal } = served.answer.begin({ ref, after: -1, until: principal.expiresAt, view })
  writer.accepted(accepted)
  let ended = false
  for await (const { events, preview } of feed?.batches(signal) ?? []) {
    await writer.write(events, preview)
    ended = events.some(isTerminalEvent)
  }
  if (!ended) await tailStream(dependencies, writer, { ref, ended: hasEnded(record.status), signal })
}
