import { type ExecutionChange, endsBy } from '#shared/events/change.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { waitedMsOf } from '#shared/executions/waited-ms-of.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import type { ModelCount, SourceCount } from './counter-store.ts'
import { addCounters, type Counters } from './counters.ts'
import { observation } from './histogram.ts'

/**
 * What a write to an execution adds to the counters. Pure: the same change always counts the same.
 *
 * @returns nothing counted for most writes: a lease, a checkpoint
 */
export function countersOf({ before, after, ...change }: ExecutionChange): Counters {
  const hasStarted = after.startedAt !== undefined && before?.startedAt === undefined
  return addCounters(
    before ? {} : { queued: 1 },
    hasStarted ? { started: 1, ...waitOf(after) } : {},
    isRetry(before, after) ? { retries: 1 } : {},
    endsBy({ before, after, ...change }) ? endingOf(after) : {},
  )
}

/** What the end of an execution adds to the counters of each model that it asked. */
export function modelCountsOf(change: ExecutionChange): ModelCount[] {
  const { models = [] } = change.after.usage ?? {}
  if (!endsBy(change)) return []
  return models.map(({ provider, model, calls, ...usage }) => ({
    provider,
    model,
    counters: { executions: 1, calls, ...tokensOf(usage) },
  }))
}

/**
 * What the end of an execution adds to the counters of whoever asked first: what an agent asks of others for somebody is his.
 *
 * @returns undefined where nobody ended, or nobody knows who asked
 */
export function sourceCountOf(change: ExecutionChange): SourceCount | undefined {
  const { rootSource, source = rootSource, usage } = change.after
  if (!endsBy(change) || source === undefined) return undefined
  return { source: rootSource ?? source, counters: { executions: 1, ...(usage && tokensOf(usage)) } }
}

/** An attempt failed and another one follows, at once or later. Going on in another invocation is the same attempt. */
function isRetry(before: ExecutionRecord | undefined, after: ExecutionRecord): boolean {
  if (before?.status !== 'running') return false
  if (after.status === 'queued') return after.nextAttempt > after.attempt
  return after.status === 'running' && after.attempt > before.attempt
}

const waitOf = ({ createdAt, startedAt = createdAt }: ExecutionRecord): Counters =>
  observation('wait', Date.parse(startedAt) - Date.parse(createdAt))

/** The time that it waited for somebody is not the agent's. */
function endingOf(record: ExecutionRecord): Counters {
  const { status, startedAt, endedAt, usage, error } = record
  return {
    [status]: 1,
    ...(startedAt !== undefined &&
      endedAt !== undefined &&
      observation('duration', Math.max(0, Date.parse(endedAt) - Date.parse(startedAt) - waitedMsOf(record)))),
    ...(usage && tokensOf(usage)),
    ...(error && { [`error:${error.code}`]: 1 }),
  }
}

const tokensOf = ({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens, costMicroUsd }: Usage): Counters => ({
  inputTokens,
  outputTokens,
  ...(cachedInputTokens !== undefined && { cachedInputTokens }),
  ...(reasoningTokens !== undefined && { reasoningTokens }),
  ...(costMicroUsd !== undefined && { costMicroUsd }),
})
