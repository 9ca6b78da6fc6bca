import { lastTurn } from './checked-answer.ts'
import type { Pattern } from './reasoning.ts'

/** One turn. */
export const direct: Pattern = (reasoning) => lastTurn(reasoning, reasoning.messages)
