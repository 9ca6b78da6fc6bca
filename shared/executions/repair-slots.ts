import type { AgentKey } from '#shared/agents/gate.ts'
import type { AdmissionDependencies } from './admission.ts'
import { admitNext } from './admit-next.ts'
import { hasEnded } from './execution-status.ts'
import { withdrawAdmitted } from './withdraw-admitted.ts'

/**
 * Makes up for what crashes left at a gate: slots of executions that have ended or wait without one, executions that a closing gate did not withdraw, and those
 * that wait before a free slot.
 *
 * @returns how many slots were given back
 */
export async function repairSlots(dependencies: AdmissionDependencies, agent: AgentKey): Promise<number> {
  const { admission, executions } = dependencies
  const gate = await admission.gate(agent)
  if (!gate) return 0
  let released = 0
  for (const executionId of gate.active) {
    const record = await executions.get({ tenant: agent.tenant, executionId })
    if (record?.suspended) {
      if ((await executions.returnSlot(record)) === 'returned') released += 1
      continue
    }
    if (record && !hasEnded(record.status)) continue
    await admission.releaseSlot(agent, executionId)
    released += 1
  }
  if (gate.open) await admitNext(dependencies, agent)
  else await withdrawAdmitted(dependencies, agent)
  return released
}
