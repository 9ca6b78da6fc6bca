import { SluiceError } from '#shared/platform/errors.ts'
import type { Floor, Speaker } from './conversation-store.ts'

/** Most tries to change who speaks and who waits while other executions keep being faster. */
export const FLOOR_TRIES = 10

/** What is thrown when they have all been faster. */
export const crowded = (): SluiceError => new SluiceError('unavailable', 'too many speak in this conversation at once')

/** Who speaks in a conversation and who waits, as its head item stores it. */
export type FloorState = {
  /** When something was last said, RFC 3339; absent if nothing was. */
  updatedAt?: string | undefined
  /** The execution that has the floor; until when, in milliseconds since the epoch; and the time of what it says. */
  turnOf?: string | undefined
  turnUntil?: number | undefined
  turnAt?: string | undefined
  /** The executions that wait, as `<time asked for>#<id>`, so that they sort by time. */
  waiting?: ReadonlySet<string> | undefined
  sessionFrom?: string | undefined
  summary?: string | undefined
  summaryThrough?: string | undefined
  /** The execution that spoke last: it may do so again, in the same place. */
  finishedBy?: string | undefined
}

/** The entry of an execution in `waiting`. */
export const waitingEntry = ({ createdAt, executionId }: Pick<Speaker, 'createdAt' | 'executionId'>): string =>
  `${createdAt}#${executionId}`

export const executionOf = (entry: string): string => entry.slice(entry.indexOf('#') + 1)

/** The execution that may speak next: the first that waits, unless another has the floor. */
export const nextInLine = ({ waiting, turnOf }: FloorState): string | undefined => {
  const [first] = [...(waiting ?? [])].sort()
  return turnOf === undefined && first !== undefined ? executionOf(first) : undefined
}

/** All entries of an execution in `waiting`. */
export const entriesOf = ({ waiting }: FloorState, executionId: string): string[] =>
  [...(waiting ?? [])].filter((entry) => executionOf(entry) === executionId)

/** The execution that another one has to wait for: the one that has the floor, or the first that has waited longer. */
export function inTheWay(state: FloorState, speaker: Speaker): string | undefined {
  const { turnOf, turnUntil = 0 } = state
  if (turnOf !== undefined && turnOf !== speaker.executionId && turnUntil > speaker.now) return turnOf
  const mine = waitingEntry(speaker)
  const [first] = [...(state.waiting ?? [])].filter((entry) => entry < mine && executionOf(entry) !== speaker.executionId).sort()
  // An execution that already has the floor keeps it.
  return turnOf === speaker.executionId ? undefined : first && executionOf(first)
}

/** The time that an execution was given before, if it begins again after a crash. */
function earlierTime({ turnOf, turnAt, finishedBy, updatedAt }: FloorState, executionId: string): string | undefined {
  if (turnOf === executionId) return turnAt
  return finishedBy === executionId ? updatedAt : undefined
}

/** What an execution gets with the floor. */
export function floorOf(state: FloorState, { executionId, now, sessionTimeoutMs }: Speaker): Floor {
  const { updatedAt, sessionFrom, summary, summaryThrough } = state
  const last = updatedAt === undefined ? Number.NEGATIVE_INFINITY : Date.parse(updatedAt)
  const at = earlierTime(state, executionId) ?? new Date(Math.max(now, last + 1)).toISOString()
  const isNew = sessionFrom === undefined || Date.parse(at) - last > sessionTimeoutMs
  if (isNew) return { at, sessionFrom: at }
  return {
    at,
    sessionFrom,
    ...(summary !== undefined && summaryThrough !== undefined && { summary: { text: summary, through: summaryThrough } }),
  }
}
