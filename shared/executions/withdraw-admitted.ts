import type { AgentKey } from '#shared/agents/gate.ts'
import { type AdmissionDependencies, isHandedOver } from './admission.ts'
import { admitNext } from './admit-next.ts'

/**
 * Puts those that have a slot but have not begun back into the mailbox, after the gate was closed. Their work messages come to nothing; what
 * runs goes on. Repeatable.
 */
export async function withdrawAdmitted(dependencies: AdmissionDependencies, agent: AgentKey): Promise<void> {
  const { admission, executions } = dependencies
  const gate = await admission.gate(agent)
  for (const executionId of gate?.active ?? []) {
    const record = await executions.get({ tenant: agent.tenant, executionId })
    if (record?.status === 'queued' && !isHandedOver(record)) await admission.park(record, { onlyIfFull: false })
  }
  // Somebody may have opened the gate again meanwhile, and have seen nobody wait.
  await admitNext(dependencies, agent)
}
