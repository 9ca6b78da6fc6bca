import type { Agent } from '#shared/protocol/agent.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import type { StreamWriter } from '#shared/streams/stream-writer.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** What an attempt that ended well came to. */
export type Answer = {
  stopReason: string
  /** What an agent's own code returned; JSON. */
  data?: unknown
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
}

export type AnswerRequest = {
  record: ExecutionRecord
  agent: Agent
  attempt: number
  writer: StreamWriter
  checkpoints: Checkpoints
  /** When the execution must have ended, in milliseconds since the epoch. */
  deadline: number
  /** Aborts when the lease is lost, the time is up, or somebody cancelled; whoever ignores it is left behind. */
  signal: AbortSignal
  /** Adds to what the execution has used so far; kept when the attempt fails or is cancelled. */
  addUsage(usage: Usage): void
}

/**
 * Makes the answer of an execution: a model call, or an agent's own code.
 *
 * @throws SluiceError, which decides by its code and `retryable` whether there is another attempt; the signal's reason when it aborts
 */
export type Answerer = (request: AnswerRequest) => Promise<Answer>
