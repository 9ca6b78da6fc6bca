import type { SluiceError } from '#shared/platform/errors.ts'
import type { Answer, Wait } from './answerer.ts'

/** How an execution ends. */
export type EndOutcome =
  | { status: 'completed'; answer: Answer }
  | { status: 'failed' | 'timed_out' | 'cancelled' | 'expired'; error: SluiceError }

/** What a run came to: the end, or another run. */
export type Outcome =
  | EndOutcome
  | { status: 'retry_later'; error: SluiceError; delayMs: number }
  | { status: 'handed_over' }
  | { status: 'suspended'; wait: Wait }
