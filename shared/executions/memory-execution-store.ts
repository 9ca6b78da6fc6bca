import { executionRef } from '#shared/streams/channel-ref.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import type { ExecutionKey, ExecutionStore } from './execution-store.ts'

type Stored = { record: ExecutionRecord; dueAt: number | undefined }

/** Executions in memory, over the log that an ending writes to. */
export function memoryExecutionStore(log: StreamLog): ExecutionStore {
  const stored = new Map<string, Stored>()
  const name = ({ tenant, executionId }: ExecutionKey): string => JSON.stringify([tenant, executionId])
  const update = (entry: Stored, change: Partial<ExecutionRecord>, dueAt: number | undefined): ExecutionRecord => {
    entry.record = { ...entry.record, ...change }
    entry.dueAt = dueAt
    return structuredClone(entry.record)
  }
  const held = (key: ExecutionKey, fence: number): Stored | undefined => {
    const entry = stored.get(name(key))
    return entry?.record.status === 'running' && entry.record.fence === fence ? entry : undefined
  }

  return {
    async create(record, dueAt) {
      const standing = stored.get(name(record))
      if (standing) return { result: 'exists', record: structuredClone(standing.record) }
      stored.set(name(record), { record: structuredClone(record), dueAt })
      return { result: 'created' }
    },
    async get(key) {
      return structuredClone(stored.get(name(key))?.record)
    },
    async acquire(key, lease) {
      const entry = stored.get(name(key))
      if (!entry) return { result: 'missing' }
      const { record } = entry
      if (hasEnded(record.status)) return { result: 'ended', record: structuredClone(record) }
      const free = record.status === 'queued' || (record.leaseExpiresAt ?? 0) < lease.now
      if (!free) return { result: 'held', record: structuredClone(record) }
      const change: Partial<ExecutionRecord> = {
        status: 'running',
        fence: record.fence + 1,
        attempt: record.attempt + 1,
        leaseOwner: lease.owner,
        leaseExpiresAt: lease.expiresAt,
        startedAt: record.startedAt ?? new Date(lease.now).toISOString(),
      }
      return { result: 'acquired', record: update(entry, change, lease.expiresAt) }
    },
    async renew(key, fence, { expiresAt, attempt, postedThrough }) {
      const entry = held(key, fence)
      if (!entry) return 'lost'
      update(entry, { leaseExpiresAt: expiresAt, attempt, postedThrough }, expiresAt)
      return 'renewed'
    },
    async end(key, fence, { events, ...ending }) {
      const standing = stored.get(name(key))?.record
      if (standing?.fence === fence && hasEnded(standing.status)) return 'ended'
      const entry = held(key, fence)
      if (!entry) return 'lost'
      if ((await log.append(executionRef(key), events)) === 'taken') return 'lost'
      update(entry, { ...ending, leaseOwner: undefined, leaseExpiresAt: undefined }, undefined)
      return 'ended'
    },
    async listDue(now, limit) {
      return [...stored.values()]
        .filter((entry) => entry.dueAt !== undefined && entry.dueAt < now)
        .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
        .slice(0, limit)
        .map(({ record: { tenant, executionId } }) => ({ tenant, executionId }))
    },
    async postpone(key, dueAt) {
      const entry = stored.get(name(key))
      if (entry && !hasEnded(entry.record.status)) entry.dueAt = dueAt
    },
  }
}
