import type { Agent } from '#shared/protocol/agent.ts'

/** The declared agent whose own queue takes an agent's work; undefined for those that the shared worker runs. */
export const workerOf = ({ kind, agentId }: Agent): string | undefined => (kind === 'function' ? agentId : undefined)
