import type { Execution, ExecutionLinks } from '#shared/protocol/execution.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** Where a client goes on from an execution; paths under the front door. */
export const executionLinks = (executionId: string): ExecutionLinks => ({
  self: `/v1/executions/${executionId}`,
  events: `/v1/executions/${executionId}/events`,
  stream: `/streams/executions/${executionId}`,
  socket: '/socket',
})

/** An execution as every door shows it: without lease, fence and tenant. */
export function toExecution(record: ExecutionRecord): Execution {
  const { executionId, agentId, status, attempt, input, output, error, usage, messageId, topic, createdAt, startedAt, endedAt } =
    record
  return {
    executionId,
    agentId,
    status,
    attempt,
    input: input as Execution['input'],
    output,
    error,
    usage,
    messageId,
    topic,
    createdAt,
    startedAt,
    endedAt,
    links: executionLinks(executionId),
  }
}
