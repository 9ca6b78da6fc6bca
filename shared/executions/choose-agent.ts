import { type AgentUse, mayUse } from '#shared/agents/agent-access.ts'
import { freeSlots, type Gate } from '#shared/agents/gate.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { llmInputSchema } from '#shared/protocol/llm-input.ts'

/** Work that names no agent. */
export type OpenWork = {
  type?: string | undefined
  /** What whoever does it must be able to do. */
  capability?: string | undefined
  /** What an agent would get. */
  inputFor(agent: Agent): unknown
  use: AgentUse
}

/** An agent and its gate. */
export type Candidate = { agent: Agent; gate: Gate }

/** How well agents fit that know the type by name, that are services given tasks of any type, and that only happen to take any. */
const FITS = { byName: 0, anyTask: 1, anything: 2 } as const

/**
 * The agents that could do some work, of those that fit it best: they run, know the type or have no list of types, have the capability, can answer
 * the input, and let the caller use them.
 */
export function suitableAgents(agents: readonly Agent[], work: OpenWork): Agent[] {
  const suitable = agents.filter((agent) => isSuitable(agent, work))
  const best = Math.min(...suitable.map((agent) => fitOf(agent, work)))
  return suitable.filter((agent) => fitOf(agent, work) === best)
}

/** The agent with the fewest executions that run and wait, of those that take more; the first of several. */
export function leastBusy(candidates: readonly Candidate[]): Agent | undefined {
  const open = candidates.filter(({ gate }) => freeSlots(gate) > 0 || (gate.open && gate.waiting < gate.queueLimit))
  return open.toSorted((one, other) => loadOf(one.gate) - loadOf(other.gate))[0]?.agent
}

/**
 * A part of a list that begins somewhere else for each turn, so that neither the first ones get all the work nor a long list is read whole.
 *
 * @param turn - a whole number from 0
 */
export const fromTurn = <Item>(items: readonly Item[], turn: number, most: number): Item[] => {
  const start = items.length === 0 ? 0 : turn % items.length
  return [...items.slice(start), ...items.slice(0, start)].slice(0, most)
}

function isSuitable(agent: Agent, { type, capability, inputFor, use }: OpenWork): boolean {
  if (agent.status !== 'running' || !mayUse(agent.access, use)) return false
  if (type !== undefined && agent.taskTypes?.includes(type) === false) return false
  if (capability !== undefined && !agent.capabilities?.includes(capability)) return false
  return agent.kind !== 'llm' || llmInputSchema.safeParse(inputFor(agent)).success
}

function fitOf({ kind, taskTypes }: Agent, { type }: OpenWork): number {
  if (type !== undefined && taskTypes?.includes(type)) return FITS.byName
  return kind === 'remote' ? FITS.anyTask : FITS.anything
}

const loadOf = ({ active, waiting }: Gate): number => active.length + waiting
