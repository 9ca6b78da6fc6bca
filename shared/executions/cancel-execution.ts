import { timestamp } from '#shared/platform/clock.ts'
import { NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import type { SubscriptionStore } from '#shared/streams/subscription-store.ts'
import { CANCELLED, type EndQueuedDependencies, endQueued, followEnd } from './end-queued.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import type { ExecutionKey } from './execution-store.ts'

export type CancelDependencies = EndQueuedDependencies & { subscriptions: SubscriptionStore }

/** Looks at an execution that changes its place all the time. */
const ROUNDS = 10

/**
 * Cancels an execution. One that nobody runs ends at once, wherever it waits; a running one is asked to stop, which its worker notices within
 * a second, and keeps what it has said so far. Repeatable.
 *
 * @param detail - who or what cancelled it, for its error
 * @returns the execution as it stands: `cancelled`, or `running` until its worker has stopped
 * @throws NotFoundError, SluiceError `invalid_state` when it ended another way
 */
export async function cancelExecution(
  dependencies: CancelDependencies,
  key: ExecutionKey,
  detail = CANCELLED.detail,
): Promise<ExecutionRecord> {
  const { executions } = dependencies
  const stopped = new Set<number>()
  for (let round = 0; round < ROUNDS; round++) {
    const record = await executions.get(key)
    if (!record) throw new NotFoundError('execution', key.executionId)
    if (record.status === 'cancelled') {
      // Whoever cancelled it may have stopped right after that.
      await followEnd(dependencies, record)
      return record
    }
    if (hasEnded(record.status)) throw new SluiceError('invalid_state', `the execution has ended: it is ${record.status}`)
    if (record.status === 'running') {
      // The second look finds it where it was, unless its worker has let go of it without a look at the request.
      if (stopped.has(record.fence)) return record
      if (await stopWriter(dependencies, record)) stopped.add(record.fence)
    } else if ((await endQueued(dependencies, record, { status: 'cancelled', detail })) === 'ended') {
      return (await executions.get(key)) ?? record
    }
  }
  throw new SluiceError('unavailable', `the execution "${key.executionId}" changes all the time`)
}

/**
 * The same, where it makes no difference whether it has ended by itself meanwhile, or was never there.
 *
 * @throws what the stores throw
 */
export async function cancelUnlessEnded(dependencies: CancelDependencies, key: ExecutionKey, detail: string): Promise<void> {
  await cancelExecution(dependencies, key, detail).catch((error: unknown) => {
    const isOver = error instanceof SluiceError && (error.code === 'invalid_state' || error.code === 'not_found')
    if (!isOver) throw error
  })
}

/** @returns whether it was running still */
async function stopWriter({ executions, subscriptions, clock }: CancelDependencies, record: ExecutionRecord): Promise<boolean> {
  if ((await executions.requestCancel(record, timestamp(clock))) === 'changed') return false
  await subscriptions.requestCancel(executionRef(record))
  return true
}
