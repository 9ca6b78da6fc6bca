import { lastTurn } from './checked-answer.ts'
import { leaveCalls } from './leave-calls.ts'
import type { Pattern } from './reasoning.ts'

/** One turn. */
export const direct: Pattern = async (reasoning) => {
  // The agent may have had tools when it began.
  await leaveCalls(reasoning)
  return lastTurn(reasoning, reasoning.messages)
}
