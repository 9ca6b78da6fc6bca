import type { ExecutionState } from '../client/index.ts'
import type { Question } from './question.ts'
import type { Step } from './steps.ts'

/** A question and how far its answer came; stored, so that a reload goes on from the cursor. */
export interface TurnRecord extends Question {
  agentId: string
  /** Idempotency key of the request: sending it again after a reload asks nothing twice. */
  key: string
  /** What the agent remembers of the chat is kept by it. */
  conversationId?: string
  executionId?: string
  state?: ExecutionState
  steps?: readonly Step[]
}

/** Turns of one page that survive a reload; storage in a tab is small. */
const MAX_TURNS = 30

const keyOf = (agentId: string): string => `sluice.turns.${agentId}`

export function loadTurns(agentId: string): TurnRecord[] {
  return JSON.parse(sessionStorage.getItem(keyOf(agentId)) ?? '[]')
}

export function saveTurns(agentId: string, turns: readonly TurnRecord[]): void {
  const kept = turns.slice(-MAX_TURNS).map(withoutImageData)
  try {
    sessionStorage.setItem(keyOf(agentId), JSON.stringify(kept))
  } catch {
    // Over the quota: the answers can be read again from the server, the questions cannot.
    sessionStorage.setItem(keyOf(agentId), JSON.stringify(kept.map(({ state: _state, steps: _steps, ...turn }) => turn)))
  }
}

/** Images are with the server, which knows them by their ids. */
function withoutImageData({ images, ...turn }: TurnRecord): TurnRecord {
  return { ...turn, ...(images && { images: images.map(({ attachmentId, name }) => ({ attachmentId, name })) }) }
}
