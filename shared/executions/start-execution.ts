import { createHash } from 'node:crypto'
import type { WorkQueue } from '#shared/messaging/work-queue.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { timestamp } from '#shared/platform/clock.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionStore } from './execution-store.ts'

/**
 * How long the sweeper leaves a queued execution alone, in milliseconds. Its message is hardly ever lost; looking sooner would only multiply
 * the messages of a backlog.
 */
export const QUEUE_PATIENCE_MS = 15 * 60_000

export type StartDependencies = { executions: ExecutionStore; workQueue: WorkQueue; clock: Clock }

export type StartRequest = {
  tenant: string
  executionId: string
  agentId: string
  input: unknown
  messageId?: string | undefined
  topic?: string | undefined
}

/**
 * Stores an execution and queues it. Repeatable: the same id stores nothing new, and is queued again as long as it has not
 * started, which makes up for a crash between the two steps.
 *
 * @returns the execution as it stands, which for a known id may have been asked for with another request (see `requestHash`)
 */
export async function startExecution(
  { executions, workQueue, clock }: StartDependencies,
  request: StartRequest,
): Promise<ExecutionRecord> {
  const record: ExecutionRecord = {
    ...request,
    status: 'queued',
    attempt: 0,
    requestHash: requestHash(request),
    fence: 0,
    postedThrough: -1,
    createdAt: timestamp(clock),
  }
  const created = await executions.create(record, clock.now() + QUEUE_PATIENCE_MS)
  const standing = created.result === 'exists' ? created.record : record
  const { tenant, executionId, agentId } = standing
  if (standing.status === 'queued') await workQueue.send({ tenant, executionId, agentId })
  return standing
}

/** Tells a repeated request from another one under the same key. */
export const requestHash = ({ agentId, input }: Pick<StartRequest, 'agentId' | 'input'>): string =>
  createHash('sha256')
    .update(JSON.stringify([agentId, input]))
    .digest('hex')
