import { type AgentKey, freeSlots, GATE_LOOK_MS, isCancelledBy } from '#shared/agents/gate.ts'
import { giveBackSlot, type MemoryGate, type MemoryGates } from '#shared/agents/memory-gates.ts'
import type { AdmissionStore, Waiting } from './admission-store.ts'
import { mailboxPlace } from './mailbox-place.ts'
import type { MemoryExecution, MemoryExecutions } from './memory-executions.ts'

/** Gates and mailboxes in memory, over the executions and the gates of other memory stores. Every method is atomic. */
export function memoryAdmissionStore({
  executions: { stored },
  gates,
}: {
  executions: { stored: MemoryExecutions }
  gates: MemoryGates
}): AdmissionStore {
  const mailbox = (agent: AgentKey): Waiting[] =>
    stored
      .ofAgent(agent)
      .flatMap(({ record: { executionId, place, worker } }) => (place === undefined ? [] : [{ executionId, place, worker }]))
      .sort((a, b) => (a.place < b.place ? -1 : 1))
  const giveSlot = (gate: MemoryGate, executionId: string, now: number): void => {
    gate.active = [...new Set([...gate.active, executionId])].sort()
    gate.dueAt ??= now + GATE_LOOK_MS
  }
  const waitingAt = (key: { tenant: string; executionId: string }, place: string | undefined): MemoryExecution | undefined => {
    const entry = stored.find(key)
    return entry?.record.status === 'queued' && place !== undefined && entry.record.place === place ? entry : undefined
  }
  const copy = ({ open, limit, queueLimit, waiting, active, cancelledThrough }: MemoryGate) => ({
    ...{ open, limit, queueLimit, waiting, active: [...active] },
    ...(cancelledThrough !== undefined && { cancelledThrough }),
  })

  return {
    async gate(agent) {
      const gate = gates.find(agent)
      return gate && copy(gate)
    },
    async takeSlot(record, now) {
      const { executionId } = record
      const gate = gates.find(record)
      if (!gate) return { result: 'missing' }
      const mayTake = gate.active.includes(executionId) || (freeSlots(gate) > 0 && gate.waiting === 0)
      if (!mayTake || isCancelledBy(gate, record)) return { result: 'refused', gate: copy(gate) }
      giveSlot(gate, executionId, now)
      return { result: 'taken' }
    },
    async park(record, { onlyIfFull }) {
      const entry = stored.find(record)
      if (entry?.record.status !== 'queued' || entry.record.place !== undefined || entry.record.suspended) return 'changed'
      const gate = gates.find(record)
      if (!gate) return 'missing'
      const hasRoom = gate.open && (freeSlots(gate) > 0 || gate.active.includes(record.executionId))
      if (onlyIfFull && (hasRoom || isCancelledBy(gate, record))) return 'free'
      giveBackSlot(gates, record, record.executionId)
      gate.waiting += 1
      stored.change(entry, { place: mailboxPlace(entry.record) }, entry.record.expiresAtMs)
      return 'parked'
    },
    async listWaiting(agent, limit) {
      return mailbox(agent).slice(0, limit)
    },
    async admitWaiting(agent, { executionId, place }, { now, dueAt }) {
      const entry = waitingAt({ tenant: agent.tenant, executionId }, place)
      if (!entry) return 'gone'
      const gate = gates.find(agent)
      if (!gate || freeSlots(gate) === 0) return 'refused'
      gate.waiting -= 1
      giveSlot(gate, executionId, now)
      stored.change(entry, { place: undefined, retryAt: undefined }, dueAt)
      return 'admitted'
    },
    async countBefore(record) {
      return mailbox(record).filter(({ place }) => place < (record.place ?? '')).length
    },
    async changePriority(record, priority) {
      const place = mailboxPlace({ ...record, priority })
      if (waitingAt(record, place)) return 'changed'
      const entry = waitingAt(record, record.place)
      if (!entry) return 'gone'
      stored.change(entry, { priority, place }, entry.dueAt)
      return 'changed'
    },
    async releaseSlot(agent, executionId) {
      giveBackSlot(gates, agent, executionId)
    },
  }
}
