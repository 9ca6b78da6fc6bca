import type { ExecutionStatus } from '#shared/protocol/execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionStore } from './execution-store.ts'

/** Records that are read at once: ten of the largest are 3.3 MB. */
const READ_AT_ONCE = 10
/** Reads of one page: a rare status is looked for in this many times {@link READ_AT_ONCE} executions. */
const READS = 20
/** When a page is full, in bytes: with the next ten records it stays below the 6 MB that a function answers with at the most. */
const FULL_BYTES = 2 * 1024 * 1024

/**
 * Executions of an agent, the newest first.
 *
 * @param filter.status - leaves out all others; then a page may be shorter than `limit`, or empty, though there is a next one
 */
export async function listExecutions(
  executions: ExecutionStore,
  agent: { tenant: string; agentId: string },
  { status, limit, after }: { status?: ExecutionStatus | undefined; limit: number; after?: string | undefined },
): Promise<{ executions: ExecutionRecord[]; next?: string | undefined }> {
  const found: ExecutionRecord[] = []
  let next = after
  let bytes = 0
  for (let read = 0; read < READS && found.length < limit && bytes < FULL_BYTES; read++) {
    const page = await executions.listByAgent(agent, { limit: Math.min(READ_AT_ONCE, limit - found.length), after: next })
    const fitting = page.executions.filter((record) => status === undefined || record.status === status)
    found.push(...fitting)
    bytes += fitting.reduce((sum, { input, output }) => sum + Buffer.byteLength(JSON.stringify([input, output])), 0)
    next = page.next
    if (next === undefined) break
  }
  return { executions: found, next }
}
