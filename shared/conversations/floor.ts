import type { Floor, Speaker } from './conversation-store.ts'

/** Who speaks in a conversation and who waits, as the conversation's item says it. */
export type FloorState = {
  /** When something was said last, RFC 3339; absent when nothing was. */
  updatedAt?: string | undefined
  /** The execution that has the floor, until when (milliseconds), and the time of what it says. */
  turnOf?: string | undefined
  turnUntil?: number | undefined
  turnAt?: string | undefined
  /** Who waits: when it was asked for, and its id; sorts by the former. */
  waiting?: ReadonlySet<string> | undefined
  sessionFrom?: string | undefined
  summary?: string | undefined
  summaryThrough?: string | undefined
  /** The execution that spoke last: it may do so again, in the same place. */
  finishedBy?: string | undefined
}

/** Entry of an execution among those who wait. */
export const waitingEntry = ({ createdAt, executionId }: Pick<Speaker, 'createdAt' | 'executionId'>): string =>
  `${createdAt}#${executionId}`

export const executionOf = (entry: string): string => entry.slice(entry.indexOf('#') + 1)

/** Who may speak now: the first of those who wait, unless somebody has the floor. */
export const nextInLine = ({ waiting, turnOf }: FloorState): string | undefined => {
  const [first] = [...(waiting ?? [])].sort()
  return turnOf === undefined && first !== undefined ? executionOf(first) : undefined
}

/** Entries of an execution among those who wait. */
export const entriesOf = ({ waiting }: FloorState, executionId: string): string[] =>
  [...(waiting ?? [])].filter((entry) => executionOf(entry) === executionId)

/** Whom an execution has to wait for: the one that has the floor, or the first that waited before it. */
export function inTheWay(state: FloorState, speaker: Speaker): string | undefined {
  const { turnOf, turnUntil = 0 } = state
  if (turnOf !== undefined && turnOf !== speaker.executionId && turnUntil > speaker.now) return turnOf
  const mine = waitingEntry(speaker)
  const [first] = [...(state.waiting ?? [])].filter((entry) => entry < mine && executionOf(entry) !== speaker.executionId).sort()
  // Whoever has the floor already is not overtaken by those who wait.
  return turnOf === speaker.executionId ? undefined : first && executionOf(first)
}

/** The time that an execution has had before: it begins again after a crash. */
function earlierTime({ turnOf, turnAt, finishedBy, updatedAt }: FloorState, executionId: string): string | undefined {
  if (turnOf === executionId) return turnAt
  return finishedBy === executionId ? updatedAt : undefined
}

/** What an execution finds when the floor is its. */
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
