import type { ToolCaller } from './toolbox.ts'

/** A question of one agent to another one of its tenant. */
export type AgentQuestion = {
  caller: ToolCaller
  agentId: string
  input: unknown
  /** The same question is one execution, however often it is asked. */
  idempotencyKey: string
}

/** For a caller that can come back for the answer. */
export type AskOptions = {
  /** How long the answer is waited for, in milliseconds. @default for ever */
  patienceMs?: number | undefined
  /** The same question was asked before, and was left pending. */
  again?: boolean | undefined
}

/** How the execution of the other agent ended. `pending`: it has not yet. */
export type AgentReply =
  | { status: 'pending' }
  | { status: 'completed'; text: string; data?: unknown }
  | { status: 'failed' | 'timed_out' | 'cancelled' | 'expired'; code: string; detail: string }

/**
 * Has another agent answer, as a child of the caller's execution, and waits some time for the end of that. When the signal aborts because the caller was
 * cancelled or the time is up, the child is cancelled; where the caller only goes on elsewhere or later, the child goes on too and is found again under its
 * key.
 *
 * @throws NotFoundError, SluiceError `forbidden` by the other's policy, `agent_not_running`, `queue_full`, `depth_exceeded`, ValidationError for an input that it
 *   cannot answer; the signal's reason
 */
export type AskAgent = (question: AgentQuestion, signal: AbortSignal, options?: AskOptions) => Promise<AgentReply>
