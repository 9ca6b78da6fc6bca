import type { AgentKey, Gate } from './gate.ts'

/** A gate as the memory stores share it; they change it in place. */
export type MemoryGate = Gate & {
  agent: AgentKey
  /** When the sweeper must look at it, in milliseconds since the epoch. */
  dueAt?: number | undefined
}

/** The gates of one world in memory: the agent store makes and removes them, executions and admission take slots. */
export type MemoryGates = {
  find(agent: AgentKey): MemoryGate | undefined
  /** Puts a gate in the place of what stands there. */
  put(agent: AgentKey, gate: Gate, dueAt?: number): void
  remove(agent: AgentKey): void
  all(): MemoryGate[]
}

export function memoryGates(): MemoryGates {
  const gates = new Map<string, MemoryGate>()
  const name = ({ tenant, agentId }: AgentKey): string => JSON.stringify([tenant, agentId])
  return {
    find: (agent) => gates.get(name(agent)),
    put({ tenant, agentId }, gate, dueAt) {
      const agent = { tenant, agentId }
      gates.set(name(agent), { ...structuredClone(gate), agent, dueAt })
    },
    remove(agent) {
      gates.delete(name(agent))
    },
    all: () => [...gates.values()],
  }
}

/** Nothing happens when the gate is gone or the execution has no slot. */
export function giveBackSlot(gates: MemoryGates, agent: AgentKey, executionId: string): void {
  const gate = gates.find(agent)
  if (gate) gate.active = gate.active.filter((id) => id !== executionId)
}
