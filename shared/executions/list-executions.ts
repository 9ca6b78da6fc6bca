import type { ExecutionStatus } from '#shared/protocol/execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import type { ExecutionList, ExecutionListPage, ExecutionStore } from './execution-store.ts'

/** Records that are read at once: ten of the largest are 3.3 MB. */
const READ_AT_ONCE = 10
/** Reads of one page: what is rare is looked for in this many times {@link READ_AT_ONCE} executions. */
const READS = 20
/** When a page is full, in bytes: with the next ten records it stays below the 6 MB that a function answers with at the most. */
const FULL_BYTES = 2 * 1024 * 1024

/** Which executions are wanted: all that is named must be so. */
export type ExecutionFilter = {
  status?: ExecutionStatus | undefined
  agentId?: string | undefined
  topic?: string | undefined
  correlationId?: string | undefined
  /** RFC 3339, of the creation; `from` belongs to the span, `to` does not. */
  from?: string | undefined
  to?: string | undefined
}

/**
 * Executions of a tenant, the newest first. They are read from the index that leaves the fewest: of the correlation, the topic, the agent or
 * the tenant. What else the filter says leaves out records that were read; then a page may be shorter than `limit`, or empty, though
 * there is a next one.
 */
export async function listExecutions(
  executions: Pick<ExecutionStore, 'list'>,
  tenant: string,
  { from, to, ...wanted }: ExecutionFilter,
  { limit, after, without }: ExecutionListPage,
): Promise<{ executions: ExecutionRecord[]; next?: string | undefined }> {
  const list = { tenant, of: indexFor(wanted), from, to }
  const found: ExecutionRecord[] = []
  let next = after
  let bytes = 0
  for (let read = 0; read < READS && found.length < limit && bytes < FULL_BYTES; read++) {
    const page = await executions.list(list, { limit: Math.min(READ_AT_ONCE, limit - found.length), after: next, without })
    const fitting = page.executions.filter((record) => fits(record, wanted))
    found.push(...fitting)
    bytes += fitting.reduce((sum, { input, output }) => sum + Buffer.byteLength(JSON.stringify([input, output])), 0)
    next = page.next
    if (next === undefined) break
  }
  return { executions: found, next }
}

type Wanted = Omit<ExecutionFilter, 'from' | 'to'>

function indexFor({ correlationId, topic, agentId }: Wanted): ExecutionList['of'] {
  if (correlationId !== undefined) return { correlationId }
  if (topic !== undefined) return { topic }
  return agentId === undefined ? undefined : { agentId }
}

const fits = (record: ExecutionRecord, { status, agentId, topic, correlationId }: Wanted): boolean =>
  (status === undefined || record.status === status) &&
  (agentId === undefined || record.agentId === agentId) &&
  (topic === undefined || record.topic === topic) &&
  (correlationId === undefined || record.correlationId === correlationId)
