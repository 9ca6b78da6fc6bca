import { boundedMap } from '#shared/limits/bounded-map.ts'
import type { Clock } from '#shared/platform/clock.ts'
import {
  afterFailure,
  afterNothing,
  afterProbe,
  afterSuccess,
  type Breaker,
  freeAt,
  PROBE_LOOK_MS,
  ROW_MS,
  stateOf,
  WHOLE,
} from './breaker.ts'
import type { BreakerKey, BreakerStore, StoredBreaker } from './breaker-store.ts'

/** How a call ended, as far as its provider is concerned: `nothing` where that is not to be told from it. */
export type CallEnd = 'success' | 'failure' | 'nothing'

/** What a call gets that may be made. */
export type Pass = { result: 'passed'; end(how: CallEnd): Promise<void> }

/** Keeps calls from providers that fail, for each tenant by itself. Without a store to ask it lets everything pass. */
export type Breakers = {
  /** `until`: when it is worth asking again, in milliseconds since the epoch. */
  enter(key: BreakerKey): Promise<Pass | { result: 'open'; until: number }>
}

/** How long a container goes on with what it has read, in milliseconds. No row of failures is shorter, so that each success has ended it. */
const MAX_AGE_MS = ROW_MS
const MAX_BREAKERS = 1_000
/** Containers that may be first with a write, one after the other, until it is given up. */
const MAX_ROUNDS = 5

/** A call of which nothing can be told to others. */
const UNWATCHED: Pass = { result: 'passed', end: async () => {} }

type Known = StoredBreaker & { readAt: number }

export type BreakerListener = {
  /** Told when the store could not be reached. */
  onLost(error: unknown): void
  /** Told by the one container whose failure opened it, for the first time or again. `until` in milliseconds since the epoch. */
  onOpened(key: BreakerKey, until: number): void
}

/**
 * Breakers over a store that containers share. While all goes well nothing is written, and what was read counts for five seconds; what this container
 * writes it knows at once.
 */
export function sharedBreakers(store: BreakerStore, clock: Clock, { onLost, onOpened }: BreakerListener): Breakers {
  const known = boundedMap<string, Known>(MAX_BREAKERS)
  const nameOf = ({ tenant, provider, service, model }: BreakerKey): string => JSON.stringify([tenant, provider, service, model])

  /** A probe that is under way ends any moment: who waits for that looks soon. */
  const maxAgeOf = (breaker: Breaker): number => (stateOf(breaker, clock.now()) === 'half_open' ? PROBE_LOOK_MS : MAX_AGE_MS)

  function learn(key: BreakerKey, { breaker, revision }: StoredBreaker): Known {
    const entry = { breaker, revision, readAt: clock.now() }
    known.set(nameOf(key), entry)
    return entry
  }

  async function read(key: BreakerKey): Promise<Known> {
    const entry = known.get(nameOf(key))
    if (entry && clock.now() - entry.readAt < maxAgeOf(entry.breaker)) return entry
    return learn(key, await store.get(key))
  }

  /** Writes what becomes of a breaker, over what others wrote in the meantime. @returns whether there was something to write, and it was */
  async function change(key: BreakerKey, from: StoredBreaker, next: (breaker: Breaker) => Breaker): Promise<boolean> {
    let current = from
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const changed = next(current.breaker)
      if (changed === current.breaker) return false
      const { written, ...stored } = await store.put(key, changed, current.revision, clock.now())
      const before = current.breaker
      current = learn(key, stored)
      if (!written) continue
      if (changed.openUntil !== undefined && changed.openUntil !== before.openUntil) onOpened(key, changed.openUntil)
      return true
    }
    return false
  }

  const passed = (key: BreakerKey, isProbe: boolean): Pass => ({
    result: 'passed',
    async end(how) {
      const after = { success: afterSuccess, failure: afterFailure, nothing: afterNothing }[how]
      // Only its probes tell how a provider does that is left alone.
      const next = (breaker: Breaker) =>
        isProbe || stateOf(breaker, clock.now()) === 'closed' ? after(breaker, clock.now()) : breaker
      try {
        // An answer takes longer than what was read before it counts, and others may have failed since: it ends their row.
        const current = how === 'success' ? await read(key) : (known.get(nameOf(key)) ?? { breaker: WHOLE, revision: 0 })
        await change(key, current, next)
      } catch (error) {
        onLost(error)
      }
    },
  })

  async function probe(key: BreakerKey, current: StoredBreaker): Promise<Pass | { result: 'open'; until: number }> {
    const mayProbe = (breaker: Breaker) =>
      freeAt(breaker, clock.now()) <= clock.now() && stateOf(breaker, clock.now()) === 'half_open'
    const isProbe = await change(key, current, (breaker) => (mayProbe(breaker) ? afterProbe(breaker, clock.now()) : breaker))
    const { breaker } = known.get(nameOf(key)) ?? current
    const state = stateOf(breaker, clock.now())
    if (isProbe || state === 'closed') return passed(key, isProbe)
    const freeAtLast = freeAt(breaker, clock.now())
    return { result: 'open', until: state === 'open' ? freeAtLast : Math.min(freeAtLast, clock.now() + PROBE_LOOK_MS) }
  }

  return {
    async enter(key) {
      try {
        const current = await read(key)
        return stateOf(current.breaker, clock.now()) === 'closed' ? passed(key, false) : await probe(key, current)
      } catch (error) {
        onLost(error)
        return UNWATCHED
      }
    },
  }
}
