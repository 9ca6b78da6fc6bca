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
  const { executionId, agentId, status, attempt, input, type, priority, error, usage } = record
  const { messageId, topic, correlationId, parentId, rootId, depth, retryOf, callbackUrl, batchId, batchIndex } = record
  const { cancelRequestedAt, createdAt, startedAt, endedAt } = record
  return {
    executionId,
    agentId,
    status,
    attempt,
    // What is stored was JSON when it came, by any door.
    input: input as Execution['input'],
    type,
    priority,
    output: outputOf(record),
    error,
    usage,
    messageId,
    topic,
    correlationId,
    parentId,
    rootId,
    depth,
    retryOf,
    callbackUrl,
    batchId,
    batchIndex,
    held: record.place !== undefined || isBeforeItsTurn(record) ? true : undefined,
    waitingSince: time(record.suspended?.since),
    waitingFor: record.suspended?.for,
    retryAt: time(record.retryAt),
    expiresAt: time(record.expiresAtMs),
    cancelRequestedAt,
    createdAt,
    startedAt,
    endedAt,
    links: { ...executionLinks(executionId), ...(record.inputRef !== undefined && { input: inputPath(executionId) }) },
  }
}

const isBeforeItsTurn = ({ status, awaitsTurn, suspended }: ExecutionRecord): boolean =>
  status === 'queued' && (awaitsTurn === true || suspended !== undefined)

/** Where an input can be read that is too large to be shown. */
const inputPath = (executionId: string): string => `/v1/executions/${executionId}/input`

const time = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : new Date(milliseconds).toISOString()

function outputOf({ output, agentId, endedAt, createdAt }: ExecutionRecord): Execution['output'] {
  if (!output) return undefined
  const { text, data } = output
  return {
    text,
    ...(data !== undefined && { data: data as Execution['input'] }),
    agent_id: agentId,
    timestamp: endedAt ?? createdAt,
  }
}
