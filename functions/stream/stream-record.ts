import type { LambdaFunctionURLEvent } from 'aws-lambda'
import type { Principal } from '#shared/access/principal.ts'
import type { AuditedEnd, Auditor } from '#shared/audit/auditor.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { recordedBody } from '../doors/read-json-body.ts'

/** What the audit log is to know of a request: an execution that was asked for, and a caller who was not let in. */
export type StreamRecord = {
  /** Says who is calling, as soon as that is known. */
  identify(principal: Principal): void
  /** The execution was taken on. The answer waits for the record. */
  accepted(resource: string, execution: unknown): Promise<void>
  /** It is recorded once: what goes wrong behind an execution that was taken on is another matter. */
  refused(end: Pick<AuditedEnd, 'status' | 'code'>): Promise<void>
}

/** The record of one request to the streaming function. */
export function streamRecord(
  { audit, clock }: { audit: Auditor; clock: Clock },
  event: LambdaFunctionURLEvent,
  requestId: string,
): StreamRecord {
  const startedAt = clock.now()
  const { method, sourceIp: address, userAgent } = event.requestContext.http
  const isRun = method === 'POST'
  let principal: Principal | undefined
  let isDone = false

  async function record(resource: string, end: AuditedEnd): Promise<void> {
    isDone = true
    const origin = { address, userAgent, requestId }
    const action = isRun ? 'runExecution' : 'openStream'
    const request = principal && isRun ? recordedBody(event) : undefined
    await audit({ door: 'stream', action, resource, startedAt, principal, origin, request }, end)
  }

  return {
    identify(caller) {
      principal = caller
    },
    accepted: (resource, execution) => record(resource, { status: 200, after: execution }),
    async refused(end) {
      if (!isDone && (isRun || end.status === 401 || end.status === 403)) await record(event.rawPath, end)
    },
  }
}
