/** Failures in a row that open the breaker. */
export const FAILURES_TO_OPEN = 5
/**
 * Shortest time from the first to the last failure of a row that opens it, in milliseconds. It is as long as a container may act on an old
 * state, so that every success elsewhere has had time to end the row: a provider that only fails now and then is not shut out.
 */
export const ROW_MS = 5_000
/** How long an open breaker lets no call through, in milliseconds. Failures further apart than this are not in a row. */
export const OPEN_MS = 60_000
/** Successful probes in a row that close it again. */
export const SUCCESSES_TO_CLOSE = 2
/** How long a probe keeps others from probing, in milliseconds, as its container may die. Longer than the first token of a model takes. */
export const PROBE_MS = 60_000
/** How often a waiting call looks whether a running probe has ended, in milliseconds. */
export const PROBE_LOOK_MS = 2_000

/** The state of a circuit breaker. Times are milliseconds since the epoch. */
export type Breaker = {
  /** Failures in a row while it is closed, and the times of the first and the last one. */
  failures: number
  failingSince: number
  failedAt: number
  /** Absent while it is closed. Otherwise it is open until then, and half open afterwards. */
  openUntil?: number | undefined
  /** Successful probes in a row. */
  successes: number
  /** Set while a probe is running; the probe is ignored after this time. */
  probeUntil?: number | undefined
}

/** Closed, without failures. */
export const WHOLE: Breaker = { failures: 0, failingSince: 0, failedAt: 0, successes: 0 }

/** From best to worst. */
export const BREAKER_STATES = ['closed', 'half_open', 'open'] as const
export type BreakerState = (typeof BREAKER_STATES)[number]

export function stateOf({ openUntil }: Breaker, now: number): BreakerState {
  if (openUntil === undefined) return 'closed'
  return openUntil > now ? 'open' : 'half_open'
}

/** When the next call may be made: `now`, or later. */
export function freeAt(breaker: Breaker, now: number): number {
  if (breaker.openUntil === undefined) return now
  return Math.max(now, breaker.openUntil, breaker.probeUntil ?? 0)
}

/** The breaker with a running probe. */
export const afterProbe = (breaker: Breaker, now: number): Breaker => ({ ...breaker, probeUntil: now + PROBE_MS })

/** A failed probe opens it again at once; the last of a row of failures opens a closed one. */
export function afterFailure(breaker: Breaker, now: number): Breaker {
  const state = stateOf(breaker, now)
  // The call began before the breaker opened: nothing new.
  if (state === 'open') return breaker
  if (state === 'half_open') return { ...breaker, failedAt: now, successes: 0, openUntil: now + OPEN_MS, probeUntil: undefined }
  const row = afterRow(breaker, now)
  const opens = row.failures >= FAILURES_TO_OPEN && now - row.failingSince >= ROW_MS
  return { ...row, failedAt: now, successes: 0, ...(opens && { openUntil: now + OPEN_MS }) }
}

const afterRow = ({ failures, failingSince, failedAt }: Breaker, now: number): Pick<Breaker, 'failures' | 'failingSince'> =>
  failures === 0 || now - failedAt > OPEN_MS ? { failures: 1, failingSince: now } : { failures: failures + 1, failingSince }

/** Half open: counts a successful probe, and closes it after enough of them. Closed: ends the row of failures. */
export function afterSuccess(breaker: Breaker, now: number): Breaker {
  const state = stateOf(breaker, now)
  if (state === 'open' || (state === 'closed' && breaker.failures === 0)) return breaker
  if (state === 'closed' || breaker.successes + 1 >= SUCCESSES_TO_CLOSE) return WHOLE
  return { ...breaker, successes: breaker.successes + 1, probeUntil: undefined }
}

/** After a probe without a verdict, whose request was refused or given up: the next probe may be made. */
export const afterNothing = (breaker: Breaker, now: number): Breaker =>
  stateOf(breaker, now) === 'half_open' && breaker.probeUntil !== undefined ? { ...breaker, probeUntil: undefined } : breaker
