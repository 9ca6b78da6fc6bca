import type { LlmMessage, LlmPart } from '#shared/llm/llm-provider.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import type { AnswerRequest } from './answerer.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** What is asked of an agent without code. */
export type Asked = Omit<AnswerRequest, 'agent'> & { agent: LlmAgent }

/** What agents without code remember: of their conversations, and of who asks. */
export type AnswerMemory = {
  /**
   * Takes the conversation's turn before the model is asked, and reads what was said before; it may wait, as `checkpoints.suspend` does.
   *
   * @returns undefined where there is nothing to remember
   * @throws ConflictError where an answer is under way, and the agent takes one question at a time; NotFoundError for a missing attachment
   */
  begin(request: Asked): Promise<Remembered | undefined>
  /** Lets the next one speak where an execution has ended that nobody ran: it had the turn, or waited for it. Repeatable; never throws. */
  leave(record: ExecutionRecord): Promise<void>
}

export type Remembered = {
  /** Earlier turns, the oldest first. */
  history: readonly LlmMessage[]
  /** What was said before them, in short. */
  context?: string | undefined
  /** What is known about the caller. */
  notes: readonly string[]
  /** What came with the question. */
  attachments: readonly LlmPart[]
  /** Keeps the question and what was answered. Repeatable. */
  finish(text: string): Promise<void>
  /** There is no answer: lets the next one speak, unless the execution goes on elsewhere. Never throws. */
  giveUp(error: unknown): Promise<void>
}
