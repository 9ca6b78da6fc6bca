import type middy from '@middy/core'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { AuditedCall, AuditedEnd, Auditor } from '#shared/audit/auditor.ts'
import { fromAwsError } from '#shared/platform/aws-errors.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import { recordedBody } from '../doors/read-json-body.ts'
import { factsOf } from './request-facts.ts'
import type { Route } from './route.ts'

/**
 * Middleware that writes requests down: what changes something whatever becomes of it, a time that was up included; everything else when the
 * caller was not let in. The answer waits for the record.
 */
export function auditRequests({
  audit,
  clock,
}: {
  audit: Auditor
  clock: Clock
}): middy.MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  async function record(event: APIGatewayProxyEventV2, end: AuditedEnd): Promise<void> {
    const { route, isClosed } = factsOf(event)
    // Whose data is erased has no records any more.
    if (isClosed || !route || !isRecorded(route, end)) return
    await audit(callOf(event, route.operation), end)
  }
  return {
    before: ({ event }) => {
      factsOf(event).startedAt = clock.now()
    },
    after: async ({ event, response }) => {
      const { before, body } = factsOf(event).answer ?? {}
      await record(event, { status: Number(response?.statusCode), before, after: body })
    },
    onError: async ({ event, error }) => {
      const { status, code } = toSluiceError(fromAwsError(error, 'the service'))
      await record(event, { status, code })
    },
  }
}

/** What writes records of its own has written none yet when its time is up. */
function isRecorded({ method, audited }: Pick<Route, 'method' | 'audited'>, { status, code }: AuditedEnd): boolean {
  if (status === 401 || status === 403) return true
  return method !== 'GET' && (audited !== 'refusals' || code === 'timeout')
}

/** A request as the audit log names it. Of a stranger's nothing is read. */
export function callOf(event: APIGatewayProxyEventV2, action: string): AuditedCall {
  const { principal, requestId, startedAt = event.requestContext.timeEpoch } = factsOf(event)
  const { sourceIp: address, userAgent } = event.requestContext.http
  return {
    door: 'http',
    action,
    resource: event.rawPath,
    startedAt,
    principal,
    origin: { address, userAgent, requestId },
    request: principal && event.body ? recordedBody(event) : undefined,
  }
}
