import type { Clock } from '#shared/platform/clock.ts'
import { StreamLostError } from '#shared/streams/stream-lost-error.ts'
import type { ExecutionKey, ExecutionStore, WriterState } from './execution-store.ts'

/** How long a writer may be silent before another one may take over, in milliseconds. */
export const LEASE_MS = 30_000
/** Pause between two renewals, in milliseconds: one may fail, and there is still time for another. */
export const RENEWAL_MS = 12_000

/** Keeps a lease while an execution runs. */
export type LeaseKeeper = {
  /** Aborts with StreamLostError once the lease is lost. */
  signal: AbortSignal
  /** Renews now. @throws StreamLostError when the lease is lost */
  renew(): Promise<void>
  stop(): void
}

/**
 * Renews a lease while it has more than half of its length left. A renewal that fails for a passing reason is made up for by the next one; the fence keeps
 * the data right in any case.
 *
 * @param state - how far the writer is, stored with each renewal
 */
export function leaseKeeper(
  { executions, clock }: { executions: ExecutionStore; clock: Clock },
  key: ExecutionKey,
  fence: number,
  state: () => WriterState,
): LeaseKeeper {
  const lost = new AbortController()
  async function renew(): Promise<void> {
    const result = await executions.renew(key, fence, { expiresAt: clock.now() + LEASE_MS, ...state() })
    if (result === 'lost') lost.abort(new StreamLostError(key.executionId))
    lost.signal.throwIfAborted()
  }
  const timer = setInterval(() => void renew().catch(() => undefined), RENEWAL_MS)
  return { signal: lost.signal, renew, stop: () => clearInterval(timer) }
}
