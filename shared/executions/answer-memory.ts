import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import type { AnswerRequest } from './answerer.ts'

/** What agents without code remember of their conversations. */
export type AnswerMemory = {
  /**
   * Takes the conversation's turn before the model is asked, and reads what was said before; it may wait, as `checkpoints.suspend` does.
   *
   * @returns undefined where there is nothing to remember
   */
  begin(request: Omit<AnswerRequest, 'agent'> & { agent: LlmAgent }): Promise<Remembered | undefined>
}

export type Remembered = {
  /** What the model is told between its instructions and the question. */
  history: readonly LlmMessage[]
  /** Keeps the question and what was answered. Repeatable. */
  finish(text: string): Promise<void>
}
