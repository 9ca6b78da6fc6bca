/** Failures in a row that open it. */
export const FAILURES_TO_OPEN = 5
/**
 * How long such a row lasts at least, in milliseconds: as long as a container may not know of it. Whoever was answered in the meantime has ended it by
 * then, and a provider that fails now and then is not taken for one that fails.
 */
export const ROW_MS = 5_000
/** How long nobody asks then, in milliseconds. Failures that lie further apart are not in a row. */
export const OPEN_MS = 60_000
/** Probes that must go well, one after the other, until everybody asks again. */
export const SUCCESSES_TO_CLOSE = 2
/** How long a probe keeps others from probing, in milliseconds: whoever makes it may die. Longer than the first token of a model takes. */
export const PROBE_MS = 60_000
/** When it is worth looking whether a probe that is under way has ended, in milliseconds. */
export const PROBE_LOOK_MS = 2_000

/** What is known of how a provider does for a tenant. Times are milliseconds since the epoch. */
export type Breaker = {
  /** In a row, while it is closed: the first and the last of them. */
  failures: number
  failingSince: number
  failedAt: number
  /** Set when it is not closed: open until then, half open from then on. */
  openUntil?: number | undefined
  /** Of probes, in a row. */
  successes: number
  /** A probe is under way, and counts until then. */
  probeUntil?: number | undefined
}

export const WHOLE: Breaker = { failures: 0, failingSince: 0, failedAt: 0, successes: 0 }

/** From good to bad. */
export const BREAKER_STATES = ['closed', 'half_open', 'open'] as const
export type BreakerState = (typeof BREAKER_STATES)[number]

export function stateOf({ openUntil }: Breaker, now: number): BreakerState {
  if (openUntil === undefined) return 'closed'
  return openUntil > now ? 'open' : 'half_open'
}

/** When somebody may ask again: now, or later. */
export function freeAt(breaker: Breaker, now: number): number {
  if (breaker.openUntil === undefined) return now
  return Math.max(now, breaker.openUntil, breaker.probeUntil ?? 0)
}

/** The breaker with a probe under way. */
export const afterProbe = (breaker: Breaker, now: number): Breaker => ({ ...breaker, probeUntil: now + PROBE_MS })

/** A failed probe opens it again at once; the last of a row of failures opens a closed one. */
export function afterFailure(breaker: Breaker, now: number): Breaker {
  const state = stateOf(breaker, now)
  // A call that began before it opened tells nothing new.
  if (state === 'open') return breaker
  if (state === 'half_open') return { ...breaker, failedAt: now, successes: 0, openUntil: now + OPEN_MS, probeUntil: undefined }
  const row = afterRow(breaker, now)
  const opens = row.failures >= FAILURES_TO_OPEN && now - row.failingSince >= ROW_MS
  return { ...row, failedAt: now, successes: 0, ...(opens && { openUntil: now + OPEN_MS }) }
}

const afterRow = ({ failures, failingSince, failedAt }: Breaker, now: number): Pick<Breaker, 'failures' | 'failingSince'> =>
  failures === 0 || now - failedAt > OPEN_MS ? { failures: 1, failingSince: now } : { failures: failures + 1, failingSince }

/** A probe that went well counts; anything else that goes well ends a row of failures. */
export function afterSuccess(breaker: Breaker, now: number): Breaker {
  const state = stateOf(breaker, now)
  if (state === 'open' || (state === 'closed' && breaker.failures === 0)) return breaker
  if (state === 'closed' || breaker.successes + 1 >= SUCCESSES_TO_CLOSE) return WHOLE
  return { ...breaker, successes: breaker.successes + 1, probeUntil: undefined }
}

/** A probe that told nothing, since its question was refused or given up: the next one may be made. */
export const afterNothing = (breaker: Breaker, now: number): Breaker =>
  stateOf(breaker, now) === 'half_open' && breaker.probeUntil !== undefined ? { ...breaker, probeUntil: undefined } : breaker
