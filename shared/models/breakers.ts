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

/** What the end of a call says about its provider: `nothing` if the call was refused or given up. */
export type CallEnd = 'success' | 'failure' | 'nothing'

/** Permission to make a call, whose end must be reported. */
export type Pass = { result: 'passed'; end(how: CallEnd): Promise<void> }

/** Keeps calls away from failing providers, for each tenant separately. While the store is out of reach, all calls pass. */
export type Breakers = {
  /** Asks whether a call may be made. `until`: when to ask again, in milliseconds since the epoch. */
  enter(key: BreakerKey): Promise<Pass | { result: 'open'; until: number }>
}

/** How long a container acts on what it has read, in milliseconds; see {@link ROW_MS}. */
const MAX_AGE_MS = ROW_MS
const MAX_BREAKERS = 1_000
/** Most tries of a write when other containers keep being faster. */
const MAX_ROUNDS = 5

/** For calls while the store is out of reach. */
const UNWATCHED: Pass = { result: 'passed', end: async () => {} }

type Known = StoredBreaker & { readAt: number }

export type BreakerListener = {
  /** Called when the store could not be reached. */
  onLost(error: unknown): void
  /** Called in the one container whose failure opened it, whether for the first time or again. `until` in milliseconds since the epoch. */
  onOpened(key: BreakerKey, until: number): void
}

/**
 * Breakers over a store that all containers share. Nothing is written while calls succeed. What was read is used for five seconds; a container's
 * own writes count for it at once.
 */
export function sharedBreakers(store: BreakerStore, clock: Clock, { onLost, onOpened }: BreakerListener): Breakers {
  const known = boundedMap<string, Known>(MAX_BREAKERS)
  const nameOf = ({ tenant, provider, service, model }: BreakerKey): string => JSON.stringify([tenant, provider, service, model])

  /** Shorter while half open: a running probe may end any moment, and calls wait for it. */
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

  /** Applies a change, again on top of what others wrote in the meantime. @returns whether something changed and was written */
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
      // While it is open or half open, only probes count.
      const next = (breaker: Breaker) =>
        isProbe || stateOf(breaker, clock.now()) === 'closed' ? after(breaker, clock.now()) : breaker
      try {
        // The call may have taken longer than what was read before it stays valid. Read again: this success also ends a row of others' failures.
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
