/** So many requests in so many milliseconds. */
export type Rate = { limit: number; windowMs: number }

/** Microseconds in a millisecond: what one request costs is a whole number of them for every rate there is. */
const MICROSECONDS = 1_000

/**
 * How far a clock may be ahead, in milliseconds. A time beyond that was written by a clock that is wrong, or not by us; such a bucket begins
 * anew, or it would lock its owner out until then.
 */
export const MAX_SKEW_MS = 60_000

/**
 * A token bucket, kept as one number: the time at which it will be whole again (the "theoretical arrival time" of the generic cell rate
 * algorithm, ITU-T I.371). Taking a request moves that time on by what one costs, and a request fits while the time is no further away than the
 * window. Refill needs no arithmetic, nothing is rounded, and the time only ever grows: clocks that differ by some milliseconds differ in what
 * they see left by as much, and no request is ever given twice.
 *
 * Times are microseconds since the epoch.
 */
export type Terms = {
  now: number
  /** What the requests that are asked for cost. */
  cost: number
  /** Latest `wholeAt` at which they still fit. */
  latest: number
  /** A `wholeAt` later than this is nobody's. */
  impossible: number
}

/** @param requests - how many are taken at once */
export function termsOf({ limit, windowMs }: Rate, nowMs: number, requests = 1): Terms {
  const now = nowMs * MICROSECONDS
  const each = costOf({ limit, windowMs })
  const cost = each * requests
  return { now, cost, latest: now + each * limit - cost, impossible: now + (windowMs + MAX_SKEW_MS) * MICROSECONDS }
}

/** What one request costs, in microseconds. */
const costOf = ({ limit, windowMs }: Rate): number => Math.ceil((windowMs * MICROSECONDS) / limit)

/** Whether the bucket is whole: nothing was taken lately, or what is written there cannot be. */
export const isWhole = (wholeAt: number | undefined, { now, impossible }: Terms): boolean =>
  wholeAt === undefined || wholeAt <= now || wholeAt > impossible

/** Whether not one request fits. */
export const isEmpty = (rate: Rate, wholeAt: number, nowMs: number): boolean => remainingOf(rate, wholeAt, nowMs) === 0

/** Requests that fit now. */
export function remainingOf(rate: Rate, wholeAt: number, nowMs: number): number {
  const terms = termsOf(rate, nowMs)
  if (isWhole(wholeAt, terms)) return rate.limit
  return Math.max(0, Math.floor((terms.latest + terms.cost - wholeAt) / terms.cost))
}

/** Seconds until a request fits where none does now, and until the bucket is whole where one does. */
export function resetAfterOf(rate: Rate, wholeAt: number, nowMs: number): number {
  const { now, latest } = termsOf(rate, nowMs)
  return wholeAt > latest ? nextAfterOf(rate, wholeAt, nowMs) : Math.max(0, secondsIn(wholeAt - now))
}

/** Seconds until a request fits after one that did not; one does perhaps at once, since time has passed, and whoever was refused waits all the same. */
export const nextAfterOf = (rate: Rate, wholeAt: number, nowMs: number): number =>
  Math.max(1, secondsIn(wholeAt - termsOf(rate, nowMs).latest))

const secondsIn = (microseconds: number): number => Math.ceil(microseconds / (MICROSECONDS * 1_000))
