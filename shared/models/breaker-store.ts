import { DAY_MS } from '#shared/platform/clock.ts'
import type { Breaker } from './breaker.ts'

/** Whose breaker: a model of a provider with one set of keys, as a tenant sees it. One model may fail while its neighbour, which is a fallback, does well. */
export type BreakerKey = { tenant: string; provider: string; service: string; model: string }

/** A breaker as it is stored. */
export type StoredBreaker = {
  breaker: Breaker
  /** Grows with every write; 0 where nothing is stored. */
  revision: number
}

/** One of a tenant's. */
export type ListedBreaker = StoredBreaker & { key: BreakerKey }

/** Breakers that all containers share. */
export type BreakerStore = {
  /** A whole one when nothing is stored. */
  get(key: BreakerKey): Promise<StoredBreaker>
  /**
   * Writes over the revision that was read.
   *
   * @param now - milliseconds since the epoch
   * @returns the breaker as it is then, and whether this was written: somebody else may have been first
   */
  put(key: BreakerKey, breaker: Breaker, revision: number, now: number): Promise<StoredBreaker & { written: boolean }>
  /** Those of a tenant that are not whole, or were not lately. */
  list(tenant: string): Promise<ListedBreaker[]>
}

/** How long a breaker is kept that nobody touches, in milliseconds: by then it is as good as whole. */
export const BREAKER_KEPT_MS = DAY_MS
