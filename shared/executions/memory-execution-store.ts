import { giveBackSlot, type MemoryGates } from '#shared/agents/memory-gates.ts'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { encodeCursor } from '#shared/platform/cursor.ts'
import { isOver, keptFor } from '#shared/platform/retention.ts'
import { MAX_DESCENDANTS } from '#shared/protocol/limits.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import type { MemoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { placesBetween } from './execution-cursor.ts'
import type { Ending, ExecutionRecord } from './execution-record.ts'
import { hasEnded } from './execution-status.ts'
import type { ExecutionKey, ExecutionList, ExecutionStore, Payload } from './execution-store.ts'
import { listPlace } from './list-keys.ts'
import { type MemoryExecution, type MemoryExecutions, memoryExecutions, NO_LEASE } from './memory-executions.ts'
import { memorySuspensions } from './memory-suspensions.ts'
import { rootOf } from './root-of.ts'

/** `stored` is what the transactions of other memory stores look at. */
export type MemoryExecutionStore = ExecutionStore & { stored: MemoryExecutions }

/** Executions in memory, over the log that an ending writes to and the gates that it gives slots back to. Every method is atomic. */
export function memoryExecutionStore(
  { log, gates }: { log: MemoryStreamLog; gates: MemoryGates },
  {
    retentionDays = 30,
    clock = systemClock,
    maxDescendants = MAX_DESCENDANTS,
  }: { retentionDays?: number; clock?: Clock; maxDescendants?: number } = {},
): MemoryExecutionStore {
  const stored = memoryExecutions()
  const isKept = (entry: MemoryExecution): boolean => !isOver(entry, clock.now())
  const kept = (key: ExecutionKey): MemoryExecution | undefined => [stored.find(key)].find((entry) => entry && isKept(entry))
  const held = (key: ExecutionKey, fence: number): MemoryExecution | undefined => {
    const entry = stored.find(key)
    return entry?.record.status === 'running' && entry.record.fence === fence ? entry : undefined
  }
  /** What this writer did before, and never heard of. */
  const wasQueued = (key: ExecutionKey, fence: number): boolean => {
    const record = stored.find(key)?.record
    return record?.status === 'queued' && record.fence === fence
  }
  const isTaken = (key: ExecutionKey, { events }: Ending): boolean => log.has(executionRef(key), events[0]?.sequence ?? 0)
  const finish = async (entry: MemoryExecution, { events, ...ending }: Ending): Promise<void> => {
    stored.change(entry, { ...ending, ...NO_LEASE, place: undefined, retryAt: undefined, suspended: undefined }, undefined)
    Object.assign(entry, keptFor(retentionDays, clock.now()))
    await log.append(executionRef(entry.record), events)
  }

  const descendants = new Map<string, Set<string>>()
  const countedAmongDescendants = (record: ExecutionRecord): boolean => {
    const root = rootOf(record)
    if (root === undefined) return true
    const name = JSON.stringify([record.tenant, root])
    const members = descendants.get(name) ?? new Set()
    if (members.size >= maxDescendants && !members.has(record.executionId)) return false
    descendants.set(name, members.add(record.executionId))
    return true
  }

  return {
    stored,
    async create(record, dueAt) {
      const standing = kept(record)
      if (standing) return { result: 'exists', record: structuredClone(standing.record) }
      if (!countedAmongDescendants(record)) return { result: 'refused' }
      stored.add(record, dueAt)
      return { result: 'created' }
    },
    async get(key) {
      return structuredClone(kept(key)?.record)
    },
    async getMany(tenant, executionIds, { without = [] } = {}) {
      const found = executionIds.flatMap((executionId) => kept({ tenant, executionId })?.record ?? [])
      return structuredClone(found).map((record) => leaveOut(record, without))
    },
    async list(list, { limit, without = [], ...page }) {
      const { low, high } = placesBetween({ ...list, ...page })
      const listed = stored
        .all()
        .filter(isKept)
        .map(({ record }) => record)
        .filter((record) => record.tenant === list.tenant && isOf(record, list) && isBetween(listPlace(record), low, high))
        .sort((a, b) => (listPlace(a) < listPlace(b) ? 1 : -1))
      const executions = structuredClone(listed.slice(0, limit)).map((record) => leaveOut(record, without))
      const last = executions.at(-1)
      return { executions, ...(last && listed.length > limit && { next: encodeCursor(listPlace(last)) }) }
    },
    async acquire(key, lease) {
      const entry = stored.find(key)
      if (!entry) return { result: 'missing' }
      const { record } = entry
      const standing = (result: 'held' | 'parked' | 'ended') => ({ result, record: structuredClone(record) })
      if (hasEnded(record.status)) return standing('ended')
      if (record.suspended) return standing('parked')
      const hasSlot = !record.place && !record.awaitsTurn && (record.retryAt === undefined || lease.tookSlot)
      if (record.status === 'queued' && !hasSlot) return standing('parked')
      const free = record.status === 'queued' || (record.status === 'running' && (record.leaseExpiresAt ?? 0) < lease.now)
      if (!free) return standing('held')
      const change: Partial<ExecutionRecord> = {
        status: 'running',
        fence: record.fence + 1,
        attempt: record.nextAttempt,
        nextAttempt: record.nextAttempt + 1,
        retryAt: undefined,
        woken: undefined,
        leaseOwner: lease.owner,
        leaseExpiresAt: lease.expiresAt,
        startedAt: record.startedAt ?? new Date(lease.now).toISOString(),
        resumedAt: record.resumedAt ?? lease.now,
      }
      return { result: 'acquired', record: stored.change(entry, change, lease.expiresAt) }
    },
    async renew(key, fence, { expiresAt, attempt, usage, postedThrough }) {
      const entry = held(key, fence)
      if (!entry) return 'lost'
      stored.change(entry, { leaseExpiresAt: expiresAt, attempt, nextAttempt: attempt + 1, usage, postedThrough }, expiresAt)
      return 'renewed'
    },
    async saveCheckpoint(key, fence, { attempt, usage, postedThrough, checkpoint }) {
      const entry = held(key, fence)
      if (!entry) return 'lost'
      stored.change(entry, { attempt, nextAttempt: attempt + 1, usage, postedThrough, checkpoint }, entry.dueAt)
      return 'saved'
    },
    async end(key, fence, ending) {
      const standing = stored.find(key)?.record
      if (standing?.fence === fence && hasEnded(standing.status)) return 'ended'
      const entry = held(key, fence)
      if (!entry || isTaken(key, ending)) return 'lost'
      giveBackSlot(gates, key, key.executionId)
      await finish(entry, ending)
      return 'ended'
    },
    async endQueued(record, ending) {
      const entry = stored.find(record)
      if (entry?.record.status === ending.status && entry.record.endedAt === ending.endedAt) return 'ended'
      const waits = entry?.record.status === 'queued' || entry?.record.status === 'waiting_input'
      const isSuspended = (one: ExecutionRecord): boolean => one.suspended !== undefined
      const asRecord = waits && entry.record.place === record.place && isSuspended(entry.record) === isSuspended(record)
      if (!entry || !asRecord || isTaken(record, ending)) return 'changed'
      const gate = gates.find(record)
      if (gate && record.place !== undefined) gate.waiting -= 1
      giveBackSlot(gates, record, record.executionId)
      await finish(entry, ending)
      return 'ended'
    },
    async handOver(key, fence, { attempt, usage, postedThrough, dueAt }) {
      const entry = held(key, fence)
      if (!entry) return wasQueued(key, fence) ? 'queued' : 'lost'
      stored.change(entry, { status: 'queued', attempt, nextAttempt: attempt, usage, postedThrough, ...NO_LEASE }, dueAt)
      return 'queued'
    },
    async retryLater(key, fence, { attempt, usage, postedThrough, retryAt, dueAt }) {
      const entry = held(key, fence)
      if (!entry) return wasQueued(key, fence) ? 'queued' : 'lost'
      giveBackSlot(gates, key, key.executionId)
      const change = { status: 'queued', attempt, nextAttempt: attempt + 1, usage, postedThrough, retryAt, ...NO_LEASE } as const
      stored.change(entry, change, dueAt)
      return 'queued'
    },
    ...memorySuspensions(stored, gates),
    async takeTurn(key, dueAt) {
      const entry = stored.find(key)
      if (entry?.record.status !== 'queued' || !entry.record.awaitsTurn) return 'changed'
      stored.change(entry, { awaitsTurn: undefined }, dueAt)
      return 'taken'
    },
    async requestCancel(key, at) {
      const entry = stored.find(key)
      if (entry?.record.status !== 'running') return 'changed'
      stored.change(entry, { cancelRequestedAt: entry.record.cancelRequestedAt ?? at }, entry.dueAt)
      return 'requested'
    },
    async listDue(now, limit) {
      return stored
        .all()
        .filter(({ dueAt }) => dueAt !== undefined && dueAt < now)
        .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
        .slice(0, limit)
        .map(({ record: { tenant, executionId } }) => ({ tenant, executionId }))
    },
    async postpone(key, dueAt) {
      const entry = stored.find(key)
      if (entry?.dueAt !== undefined) entry.dueAt = dueAt
    },
  }
}

const isOf = (record: ExecutionRecord, { of }: ExecutionList): boolean =>
  Object.entries(of ?? {}).every(([name, value]) => record[name as 'agentId' | 'topic' | 'correlationId'] === value)

const isBetween = (place: string, low: string, high: string): boolean => place >= low && place < high

const leaveOut = (record: ExecutionRecord, without: readonly Payload[]): ExecutionRecord => ({
  ...record,
  ...(without.includes('input') && { input: null }),
  ...(without.includes('output') && { output: undefined }),
})
