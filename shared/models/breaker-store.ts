import { DAY_MS } from '#shared/platform/clock.ts'
import type { Breaker } from './breaker.ts'

/** What a breaker is for: one model of a provider, with one set of keys, for one tenant. One model may fail while another, its fallback, works. */
export type BreakerKey = { tenant: string; provider: string; service: string; model: string }

/** A breaker with its revision, for optimistic writes. */
export type StoredBreaker = {
  breaker: Breaker
  /** Grows with every write; 0 if nothing is stored. */
  revision: number
}

/** A tenant's breaker, with what it is for. */
export type ListedBreaker = StoredBreaker & { key: BreakerKey }

/** Stores the breakers that all containers share. */
export type BreakerStore = {
  /** A closed one without failures if nothing is stored. */
  get(key: BreakerKey): Promise<StoredBreaker>
  /**
   * Replaces the revision that was read, if nobody else has in the meantime.
   *
   * @param now - milliseconds since the epoch
   * @returns the breaker as it is stored now, and whether it is this one
   */
  put(key: BreakerKey, breaker: Breaker, revision: number, now: number): Promise<StoredBreaker & { written: boolean }>
  /** A tenant's breakers that have, or lately had, failures. */
  list(tenant: string): Promise<ListedBreaker[]>
}

/** How long an unused breaker is kept, in milliseconds: its failures mean nothing any more by then. */
export const BREAKER_KEPT_MS = DAY_MS
