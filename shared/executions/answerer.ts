import type { Agent } from '#shared/protocol/agent.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import type { StreamWriter } from '#shared/streams/stream-writer.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** What an attempt that ended well came to. */
export type Answer = {
  stopReason: string
  /** What an agent's own code returned; JSON. */
  data?: unknown
}

/** What an execution waits for, and until when at the latest, in milliseconds since the epoch. */
export type Wait = {
  /**
   * `input`: a person decides, the status is `waiting_input`. `turn`: its turn in a conversation comes, `queued`. `agents`: one of those that it has asked
   * ends, `queued`.
   */
  for: 'input' | 'turn' | 'agents'
  until: number
}

/** Lets an answer be longer than one invocation. */
export type Checkpoints = {
  /** State of the last checkpoint, undefined when there is none. */
  readonly state: unknown
  /**
   * Stores a state to go on from, once everything that was written before it has been posted. When the invocation has little time left it
   * does not return: the execution goes on in a new invocation, with this state.
   *
   * @param state - JSON, at most MAX_CHECKPOINT_BYTES
   */
  save(state: unknown): Promise<void>
  /**
   * Stores the state, gives the slot back and leaves the execution until somebody wakes it, or `until` has come; then it goes on with this
   * state, in the same attempt. The time that it waits does not count. Never returns: it throws what ends the invocation's part. What it
   * waits for may have come meanwhile: then it goes on at once, so no wake-up is lost.
   *
   * @param state - JSON, at most MAX_CHECKPOINT_BYTES
   */
  suspend(state: unknown, wait: Wait): Promise<never>
}

/** A call of a tool that a person is to decide on. */
export type ApprovalRequest = {
  callId: string
  toolName: string
  /** Of the tool as it is defined now. */
  toolHash?: string | undefined
  arguments: unknown
  timeoutSeconds: number
}

/** Approvals of one execution. */
export type Approvals = {
  /** Asks for them; repeatable, by the ids of the calls. @returns how each stands now, in the order of the calls */
  ask(requests: readonly ApprovalRequest[]): Promise<Approval[]>
}

export type AnswerRequest = {
  record: ExecutionRecord
  agent: Agent
  attempt: number
  writer: StreamWriter
  checkpoints: Checkpoints
  approvals: Approvals
  /** When the execution must have ended, in milliseconds since the epoch. */
  deadline: number
  /** Aborts when the lease is lost, the time is up, or somebody cancelled; whoever ignores it is left behind. */
  signal: AbortSignal
  /** Adds to what the execution has used so far, by model; kept when the attempt fails or is cancelled. */
  addUsage(usage: Usage): void
}

/**
 * Makes the answer of an execution: a model call, or an agent's own code.
 *
 * @throws SluiceError, which decides by its code and `retryable` whether there is another attempt; the signal's reason when it aborts
 */
export type Answerer = (request: AnswerRequest) => Promise<Answer>
