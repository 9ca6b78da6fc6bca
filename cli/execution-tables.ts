import type { Execution } from '#shared/protocol/execution.ts'
import { formatSheet, formatTable } from './table.ts'

/** One line for each execution. */
export function executionTable(executions: readonly Execution[]): string {
  const rows = executions.map((execution) => [
    execution.executionId,
    statusOf(execution),
    String(execution.priority),
    String(execution.attempt),
    execution.createdAt,
    execution.endedAt ?? '',
    execution.error?.code ?? '',
  ])
  return formatTable([['ID', 'STATUS', 'PRIORITY', 'ATTEMPT', 'CREATED', 'ENDED', 'ERROR'], ...rows])
}

/** Everything about one execution that has a value; its answer last. */
export function executionSheet(execution: Execution): string {
  const { queue, error, usage, output } = execution
  const facts = formatSheet([
    ['id', execution.executionId],
    ['agent', execution.agentId],
    ['status', statusOf(execution)],
    ['place', queue && `${queue.position} of ${queue.waiting}`],
    ['error', error && `${error.code}: ${error.detail}`],
    ['priority', String(execution.priority)],
    ['attempt', String(execution.attempt)],
    ['next attempt', execution.retryAt],
    ['retry of', execution.retryOf],
    ['asked for by', execution.parentId],
    ['topic', execution.topic],
    ['message', execution.messageId],
    ['correlation', execution.correlationId],
    ['tokens', usage && `${usage.inputTokens} in, ${usage.outputTokens} out`],
    ['expires', execution.expiresAt],
    ['created', execution.createdAt],
    ['started', execution.startedAt],
    ['cancel asked for', execution.cancelRequestedAt],
    ['ended', execution.endedAt],
  ])
  return output?.text ? `${facts}\n\n${output.text}` : facts
}

/** What a call came to. */
export const executionLine = (execution: Execution): string => `${execution.executionId} is ${statusOf(execution)}`

function statusOf({ status, held, retryAt, cancelRequestedAt }: Execution): string {
  if (status === 'running' && cancelRequestedAt !== undefined) return 'running (asked to stop)'
  if (held) return 'queued (waiting)'
  return status === 'queued' && retryAt !== undefined ? 'queued (for its next attempt)' : status
}
