import { type AgentKey, freeSlots } from '#shared/agents/gate.ts'
import { type AdmissionDependencies, QUEUE_PATIENCE_MS } from './admission.ts'
import type { Waiting } from './admission-store.ts'

/** Looks in which nobody could be admitted, since others were faster; they go on themselves. */
const IDLE_ROUNDS = 10

/**
 * Gives the free slots of an agent to those who wait: the most urgent first, then the oldest. To be called whenever a slot was given back
 * or the gate was opened. Repeatable, and harmless beside another call: each move out of the mailbox is one write, which only one of
 * them makes.
 *
 * @param options.crowded - others do the same at this moment: begin anywhere among those who are about to get a slot, so that not all of
 *   them reach for the same one
 * @returns how many got a slot
 */
export async function admitNext(
  dependencies: AdmissionDependencies,
  { tenant, agentId }: AgentKey,
  { crowded = false }: { crowded?: boolean } = {},
): Promise<number> {
  const { admission } = dependencies
  const agent = { tenant, agentId }
  let admitted = 0
  for (let idle = 0; idle < IDLE_ROUNDS; idle++) {
    const gate = await admission.gate(agent)
    const wanted = gate ? Math.min(freeSlots(gate), gate.waiting) : 0
    const first = wanted > 0 ? await admission.listWaiting(agent, wanted) : []
    if (first.length === 0) break
    for (const waiting of crowded ? fromAnywhere(first) : first) {
      const result = await admitOne(dependencies, agent, waiting)
      if (result === 'refused') break
      if (result === 'gone') continue
      admitted += 1
      idle = -1
    }
  }
  return admitted
}

async function admitOne(
  { admission, workQueue, clock }: AdmissionDependencies,
  agent: AgentKey,
  waiting: Waiting,
): Promise<'admitted' | 'refused' | 'gone'> {
  const now = clock.now()
  const result = await admission.admitWaiting(agent, waiting, { now, dueAt: now + QUEUE_PATIENCE_MS })
  const { executionId, worker } = waiting
  // When this is lost, the sweeper finds an execution that has a slot and does not start.
  if (result === 'admitted') await workQueue.send({ ...agent, executionId, ...(worker !== undefined && { worker }) })
  return result
}

function fromAnywhere<Item>(items: Item[]): Item[] {
  const start = Math.floor(Math.random() * items.length)
  return [...items.slice(start), ...items.slice(0, start)]
}
