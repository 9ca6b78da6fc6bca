import type { ToolCaller } from './toolbox.ts'

/** A question of one agent to another of the same tenant. */
export type AgentQuestion = {
  caller: ToolCaller
  agentId: string
  input: unknown
  /** The same key is the same execution, however often it is asked. */
  idempotencyKey: string
}

/** For callers that can come back for the answer. */
export type AskOptions = {
  /** How long to wait for the answer, in milliseconds. @default until it comes */
  patienceMs?: number | undefined
  /** The same question was asked before, and was left pending. */
  again?: boolean | undefined
}

/** How the other agent's execution ended. `pending`: it has not ended yet. */
export type AgentReply =
  | { status: 'pending' }
  | { status: 'completed'; text: string; data?: unknown }
  | { status: 'failed' | 'timed_out' | 'cancelled' | 'expired'; code: string; detail: string }

/**
 * Asks another agent, in a child of the caller's execution, and waits for its end. If the signal aborts because the caller was cancelled or the time is
 * up, the child is cancelled. If the caller only continues elsewhere or later, the child continues too, and is found again by its key.
 *
 * @throws NotFoundError, SluiceError `forbidden` by the other's policy, `agent_not_running`, `queue_full`, `depth_exceeded`, ValidationError for an input that it
 *   cannot answer; the signal's reason
 */
export type AskAgent = (question: AgentQuestion, signal: AbortSignal, options?: AskOptions) => Promise<AgentReply>

/** Cancels what an agent was asked under a key, if anything was, and it has not ended. Repeatable. @throws what the stores throw */
export type LeaveAgent = (caller: ToolCaller, idempotencyKey: string) => Promise<void>
