import type { WorkItem, WorkQueue } from '#shared/messaging/work-queue.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { AdmissionStore } from './admission-store.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionStore } from './execution-store.ts'

/** What moving executions between new, slot and mailbox needs. */
export type AdmissionDependencies = {
  executions: ExecutionStore
  admission: AdmissionStore
  workQueue: WorkQueue
  clock: Clock
}

/**
 * How long the sweeper leaves an execution alone that may start, in milliseconds. Its message is hardly ever lost; looking sooner would
 * only multiply the messages of a busy queue. What waits in a mailbox has no message and is not looked at.
 */
export const QUEUE_PATIENCE_MS = 5 * 60_000

/** When the sweeper must look at a queued execution again. */
export const nextLook = ({ retryAt = 0, expiresAtMs = 0 }: ExecutionRecord, now: number): number =>
  Math.min(retryAt > now ? retryAt : now + QUEUE_PATIENCE_MS, expiresAtMs > now ? expiresAtMs : Number.POSITIVE_INFINITY)

/** What a worker is told of an execution that may start. One that gave its slot back before its next attempt needs another one. */
export const workItemOf = ({ tenant, executionId, agentId, worker, retryAt }: ExecutionRecord): WorkItem => ({
  tenant,
  executionId,
  agentId,
  ...(worker !== undefined && { worker }),
  ...(retryAt !== undefined && { admit: true }),
})

/** Whether nobody may begin with an execution any more. One that has begun goes on. */
export const hasExpired = ({ expiresAtMs, attempt }: ExecutionRecord, now: number): boolean =>
  attempt === 0 && expiresAtMs !== undefined && expiresAtMs <= now

/** Whether an execution is between two invocations of the same attempt: it has begun, and keeps its slot until it ends. */
export const isHandedOver = ({ status, attempt, nextAttempt }: ExecutionRecord): boolean =>
  status === 'queued' && attempt > 0 && nextAttempt === attempt
