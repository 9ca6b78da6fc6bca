/** Names one agent. */
export type AgentKey = { tenant: string; agentId: string }

/**
 * The gate of an agent: who may run. A slot is an execution's name in `active`, so taking and giving back are repeatable, and what a
 * crash left behind can be told from what runs.
 */
export type Gate = {
  /** Whether executions may begin: the agent is running. */
  open: boolean
  /** Slots. */
  limit: number
  /** How many may wait before direct requests are refused. */
  queueLimit: number
  /** Executions in the mailbox. */
  waiting: number
  /** Ids of the executions that have a slot. */
  active: string[]
  /** When the agent was last stopped with all its executions, in milliseconds since the epoch: none that was made until then begins, or goes on. */
  cancelledThrough?: number | undefined
}

/** Whether an execution was stopped with its agent, though nobody could find it then. */
export const isCancelledBy = ({ cancelledThrough }: Gate, { createdAt }: { createdAt: string }): boolean =>
  cancelledThrough !== undefined && Date.parse(createdAt) <= cancelledThrough

export const freeSlots = ({ open, limit, active }: Gate): number => (open ? Math.max(0, limit - active.length) : 0)

/** How soon the sweeper looks at a gate after a slot was taken, in milliseconds. */
export const GATE_LOOK_MS = 60_000
