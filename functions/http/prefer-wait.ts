import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Principal } from '#shared/access/principal.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import { type WaitDependencies, waitForEnd } from '#shared/executions/wait-for-end.ts'
import type { RateLimiter } from '#shared/limits/rate-limiter.ts'
import { sleep } from '#shared/platform/clock.ts'

/** Longest wait that is granted, in seconds. */
export const MAX_WAIT_SECONDS = 25

/** A wait takes another request whenever it has gone on for so long, in milliseconds. */
const PAID_MS = 5_000

/** How long after the gateway took the request the answer must be on its way, in milliseconds: it waits 30 s, and not for us. */
const ANSWER_WITHIN_MS = 27_000

/**
 * Seconds of `Prefer: wait=n` (RFC 7240), {@link MAX_WAIT_SECONDS} at the most. The first `wait` counts; one that is none is ignored, as
 * the RFC wants it.
 */
export function preferredWait(header: string | undefined): number | undefined {
  for (const preference of (header ?? '').split(',')) {
    const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=').map((part) => part.trim())
    if (name.toLowerCase() !== 'wait') continue
    const seconds = /^(?:(\d{1,9})|"(\d{1,9})")$/.exec(value)
    return seconds ? Math.min(Number(seconds[1] ?? seconds[2]), MAX_WAIT_SECONDS) : undefined
  }
  return undefined
}

/** An execution after the wait that its caller prefers. */
export type Awaited = {
  /** As it stands now. */
  record: ExecutionRecord
  /** Whether the caller wanted to wait, and it has ended. */
  honoured: boolean
  /** `Preference-Applied` where the preference was honoured. */
  headers: Record<string, string>
}

/** Who waits, and what of the request says how long, and since when. */
type WaitingRequest = {
  principal: Pick<Principal, 'tenant' | 'subject'>
  event: Pick<APIGatewayProxyEventV2, 'headers'> & { requestContext: Pick<APIGatewayProxyEventV2['requestContext'], 'timeEpoch'> }
}

/**
 * Waits for the end of an execution as long as the request prefers, and as the gateway allows. A wait takes from the caller's rate all the time,
 * since nobody else has the function meanwhile; where nothing is left, it is over.
 */
export async function waitAsPreferred(
  dependencies: WaitDependencies & { rateLimiter: Pick<RateLimiter, 'take'> },
  { principal, event }: WaitingRequest,
  record: ExecutionRecord,
  pause = sleep,
): Promise<Awaited> {
  const seconds = preferredWait(event.headers.prefer)
  if (seconds === undefined) return { record, honoured: false, headers: {} }
  const deadline = Math.min(dependencies.clock.now() + seconds * 1_000, event.requestContext.timeEpoch + ANSWER_WITHIN_MS)
  const spent = new AbortController()
  let unpaid = 0
  async function paidPause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    await pause(milliseconds, signal)
    unpaid += milliseconds
    if (unpaid < PAID_MS) return
    unpaid -= PAID_MS
    await dependencies.rateLimiter.take(principal).catch(() => spent.abort())
  }
  const standing = await waitForEnd(dependencies, record, { deadline, signal: spent.signal, pause: paidPause })
  const honoured = hasEnded(standing.status)
  return { record: standing, honoured, headers: honoured ? { 'preference-applied': `wait=${seconds}` } : {} }
}
