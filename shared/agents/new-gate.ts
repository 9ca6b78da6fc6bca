import type { Agent } from '#shared/protocol/agent.ts'
import type { Gate } from './gate.ts'

/** The gate of an agent that nobody works for yet. */
export const newGate = ({ status, maxConcurrency, maxQueue }: Agent): Gate => ({
  open: status === 'running',
  limit: maxConcurrency,
  queueLimit: maxQueue,
  waiting: 0,
  active: [],
})
