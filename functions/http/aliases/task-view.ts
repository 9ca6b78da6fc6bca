import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { toExecution } from '#shared/executions/execution-view.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { CreateExecution, Execution, ExecutionStatus } from '#shared/protocol/execution.ts'

/** A task as other control planes tell of it: it goes on, or it ended well or not. */
export const TASK_STATUSES = ['processing', 'completed', 'failed'] as const
type TaskStatus = (typeof TASK_STATUSES)[number]

type TaskData = Record<string, CreateExecution['input']>

const STATUS: Record<ExecutionStatus, TaskStatus> = {
  queued: 'processing',
  running: 'processing',
  waiting_input: 'processing',
  completed: 'completed',
  failed: 'failed',
  timed_out: 'failed',
  cancelled: 'failed',
  expired: 'failed',
}

/** How a task is. `result` is what the agent returned, or its text in an object; the error is a text with its code. */
export function taskView(record: ExecutionRecord): { status: TaskStatus; result: Execution['input']; error: string | null } {
  const { status, output, error } = toExecution(record)
  return {
    status: STATUS[status],
    result: output ? (output.data ?? { text: output.text }) : null,
    error: error ? `${error.code}: ${error.detail}` : null,
  }
}

/**
 * What an agent is given of a task: its data. Agents that are data alone answer a text, so they get the whole task as one, unless its data has a
 * `content` already.
 *
 * @param task - the task as its caller wrote it
 */
export function taskInput(
  { kind }: Pick<Agent, 'kind'>,
  data: TaskData,
  task: Record<string, unknown>,
): CreateExecution['input'] {
  if (kind !== 'llm' || typeof data.content === 'string') return data
  return { content: JSON.stringify(task) }
}
