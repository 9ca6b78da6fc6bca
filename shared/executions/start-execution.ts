import { recordedInput } from '#shared/messaging/artifact-input.ts'
import type { ArtifactStore } from '#shared/messaging/artifact-store.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import { DEFAULT_PRIORITY, MAX_DESCENDANTS } from '#shared/protocol/limits.ts'
import { hasExpired, nextLook } from './admission.ts'
import { admitExecution } from './admit-execution.ts'
import type { EndQueuedDependencies } from './end-queued.ts'
import type { ExecutionRecord, ExecutionRequest } from './execution-record.ts'
import { rootOf } from './root-of.ts'

export type StartDependencies = EndQueuedDependencies & {
  /** Where inputs go that are too large for a record; such inputs are refused when it is absent. */
  artifacts?: ArtifactStore | undefined
}

/** Gives an execution that is new a slot, and sees to it that somebody works on it, or lets it wait. */
export type Admit = typeof admitExecution

/** What an execution is to do. */
export type StartRequest = Omit<ExecutionRequest, 'requestHash' | 'priority' | 'createdAt'> & {
  /** @default DEFAULT_PRIORITY */
  priority?: number | undefined
  /** From its creation on; `expiresAtMs` where another time counts. */
  ttlSeconds?: number | undefined
  awaitsTurn?: true | undefined
}

/**
 * Stores an execution, and queues it or puts it into its agent's mailbox. Repeatable: the same id stores nothing new, and is admitted again
 * as long as nobody has begun with it, which makes up for a crash between the steps. What comes too late ends at once as `expired`. One
 * that awaits its turn is stored, and that is all.
 *
 * @param admit - in the place of {@link admitExecution}, for a caller that does the work itself
 * @returns the execution as it stands, which for a known id may have been asked for with another request (see `requestHash`)
 * @throws SluiceError `depth_exceeded` when its root has MAX_DESCENDANTS others
 */
export async function startExecution(
  dependencies: StartDependencies,
  request: StartRequest,
  admit: Admit = admitExecution,
): Promise<ExecutionRecord> {
  const { executions, clock, artifacts } = dependencies
  const { ttlSeconds, ...asked } = request
  const record: ExecutionRecord = {
    ...asked,
    expiresAtMs: asked.expiresAtMs ?? expiry(clock.now(), ttlSeconds),
    ...(await recordedInput(artifacts, request)),
    priority: request.priority ?? DEFAULT_PRIORITY,
    status: 'queued',
    attempt: 0,
    nextAttempt: 1,
    requestHash: requestHash(request),
    fence: 0,
    postedThrough: -1,
    createdAt: timestamp(clock),
  }
  const created = await executions.create(record, nextLook(record, clock.now()))
  if (created.result === 'refused') throw tooMany(record)
  const standing = created.result === 'exists' ? created.record : record
  const isNew = standing.status === 'queued' && standing.attempt === 0 && !standing.place && !standing.awaitsTurn
  if (!isNew) return standing
  if (hasExpired(standing, clock.now())) return expire(dependencies, standing)
  const admitted = await admit(dependencies, standing)
  return admitted === 'admitted' ? standing : ((await executions.get(standing)) ?? standing)
}

const tooMany = (record: ExecutionRecord): SluiceError =>
  new SluiceError(
    'depth_exceeded',
    `the execution "${rootOf(record)}" has brought about ${MAX_DESCENDANTS} others, and there can be no more: go on with what is known, and ask or send to nobody else`,
  )

const expiry = (now: number, ttlSeconds: number | undefined): number | undefined =>
  ttlSeconds === undefined ? undefined : now + ttlSeconds * 1_000

/** Hardly any message comes too late: what ends it is not loaded with every function. */
async function expire(dependencies: StartDependencies, record: ExecutionRecord): Promise<ExecutionRecord> {
  const { endQueued, EXPIRED } = await import('./end-queued.ts')
  await endQueued(dependencies, record, EXPIRED)
  return (await dependencies.executions.get(record)) ?? record
}

/** Tells a repeated request from another one under the same key. */
export const requestHash = (request: StartRequest): string => {
  const { agentId, input, type, priority, callbackUrl, timeoutSeconds, retry, conversationId, correlationId, ttlSeconds, llm } =
    request
  const asked = [agentId, input, type, priority, callbackUrl, timeoutSeconds, retry, conversationId, correlationId]
  // Hashes of earlier versions stay what they are.
  if (ttlSeconds !== undefined) asked.push(ttlSeconds)
  if (llm !== undefined) asked.push({ llm })
  return sha256(JSON.stringify(asked))
}
