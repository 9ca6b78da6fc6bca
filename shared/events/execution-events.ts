import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { waitedMsOf } from '#shared/executions/waited-ms-of.ts'
import type { LifecycleEvent } from '#shared/protocol/lifecycle-event.ts'
import { type ExecutionChange, endsBy } from './change.ts'
import { clip, fact } from './fact.ts'

type Moment = { record: ExecutionRecord; time: string; step?: (string | number)[] }

/** What a write to an execution means for it, and for the message that it came from. */
export function executionEvents(change: ExecutionChange): LifecycleEvent[] {
  const { before, after, at } = change
  return [
    ...(before ? [] : [queued(after)]),
    ...retries(before, after, at),
    ...waits(before, after, at),
    ...starts(before, after, at),
    ...(endsBy(change) ? endings(after, at) : []),
  ]
}

function queued(record: ExecutionRecord): LifecycleEvent {
  const { createdAt: time, priority, type } = record
  return fact('execution.queued', ofExecution({ record, time }), { ...subjectOf(record), priority, type })
}

/**
 * An attempt failed and another one follows: at once or after a crash, when the attempt has grown, or later, when the execution went back to
 * the queue. Going on in another invocation is the same attempt, and no fact.
 */
function retries(before: ExecutionRecord | undefined, after: ExecutionRecord, at: string): LifecycleEvent[] {
  const { status } = after
  if (before?.status !== 'running' || (status !== 'queued' && status !== 'running')) return []
  const [attempt, nextAttempt] = status === 'queued' ? [after.attempt, after.nextAttempt] : [before.attempt, after.attempt]
  if (nextAttempt <= attempt) return []
  const moment = { record: after, time: at, step: [nextAttempt] }
  const retryAt = after.retryAt === undefined ? undefined : new Date(after.retryAt).toISOString()
  return [
    fact('execution.retrying', ofExecution(moment), { ...subjectOf(after), attempt, nextAttempt, retryAt }),
    ...messageFailed(moment, { attempt, final: false }),
  ]
}

/** It waits for a person, and does so no more. What waits for its turn in a conversation is queued, and no fact. */
function waits(before: ExecutionRecord | undefined, after: ExecutionRecord, at: string): LifecycleEvent[] {
  const { attempt, fence, suspended, pendingApprovals = [] } = after
  const moment = { record: after, time: at, step: [fence] }
  if (before?.status === 'running' && after.status === 'waiting_input') {
    const until = suspended && new Date(suspended.until).toISOString()
    const data = { ...subjectOf(after), attempt, approvalIds: [...pendingApprovals], until }
    return [fact('execution.waiting_input', ofExecution(moment), data)]
  }
  if (before?.status !== 'waiting_input' || after.status !== 'queued') return []
  const waitedMs = waitedMsOf(after) - waitedMsOf(before)
  return [fact('execution.resumed', ofExecution(moment), { ...subjectOf(after), attempt, waitedMs })]
}

function starts(before: ExecutionRecord | undefined, after: ExecutionRecord, at: string): LifecycleEvent[] {
  const { attempt, messageId } = after
  const attemptBefore = before?.attempt ?? 0
  if (after.status !== 'running' || attempt <= attemptBefore) return []
  const isFirst = attemptBefore === 0
  const moment = { record: after, time: isFirst ? (after.startedAt ?? at) : at, step: [attempt] }
  const data = { ...subjectOf(after), attempt }
  return [
    ...(isFirst && messageId !== undefined ? [fact('message.received', ofMessage(moment), { ...data, messageId })] : []),
    fact('execution.started', ofExecution(moment), data),
  ]
}

function endings(record: ExecutionRecord, at: string): LifecycleEvent[] {
  const { status, attempt, usage, startedAt, endedAt = at } = record
  const moment = { record, time: endedAt }
  const durationMs = startedAt === undefined ? undefined : Math.max(0, Date.parse(endedAt) - Date.parse(startedAt))
  const data = { ...subjectOf(record), attempt, durationMs, usage }
  switch (status) {
    case 'completed':
      return [fact('execution.completed', ofExecution(moment), data), ...messageProcessed(moment, durationMs ?? 0)]
    case 'expired':
      return [fact('execution.expired', ofExecution(moment), { ...data, error: errorOf(record) }), ...messageExpired(moment)]
    case 'failed':
    case 'timed_out':
    case 'cancelled':
      return [
        fact(`execution.${status}`, ofExecution(moment), { ...data, error: errorOf(record) }),
        ...messageFailed({ ...moment, step: ['final'] }, { attempt, final: true }),
      ]
    default:
      return []
  }
}

function messageProcessed(moment: Moment, processingMs: number): LifecycleEvent[] {
  const { attempt, messageId } = moment.record
  if (messageId === undefined) return []
  return [fact('message.processed', ofMessage(moment), { ...subjectOf(moment.record), messageId, attempt, processingMs })]
}

function messageFailed(moment: Moment, outcome: { attempt: number; final: boolean }): LifecycleEvent[] {
  const { messageId } = moment.record
  if (messageId === undefined) return []
  const data = { ...subjectOf(moment.record), messageId, ...outcome, error: errorOf(moment.record) }
  return [fact('message.failed', ofMessage(moment), data)]
}

function messageExpired(moment: Moment): LifecycleEvent[] {
  const { messageId } = moment.record
  return messageId === undefined ? [] : [fact('message.expired', ofMessage(moment), { ...subjectOf(moment.record), messageId })]
}

const ofExecution = ({ record: { tenant, executionId }, time, step = [] }: Moment) => ({
  tenant,
  source: `/executions/${executionId}`,
  time,
  step,
})

/** A message has an execution for each agent that gets it. */
const ofMessage = ({ record: { tenant, executionId, messageId = '' }, time, step = [] }: Moment) => ({
  tenant,
  source: `/messages/${encodeURIComponent(messageId)}`,
  time,
  step: [executionId, ...step],
})

/** Whose it is and where it comes from: names alone, no input and no output. */
const subjectOf = ({ executionId, agentId, messageId, topic, correlationId, parentId, rootId }: ExecutionRecord) => ({
  executionId,
  agentId,
  messageId,
  topic,
  correlationId,
  parentId,
  rootId,
})

const errorOf = ({ error }: ExecutionRecord) => error && { code: error.code, detail: clip(error.detail) }
