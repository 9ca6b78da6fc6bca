import type { ProviderKey } from '#shared/llm/provider-key.ts'
import { type Clock, MINUTE_MS } from '#shared/platform/clock.ts'
import type { Log } from '#shared/platform/log.ts'
import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import type { KeyState } from './key-state.ts'
import { type CooldownReason, type KeyStateStore, USE_TOLD_EVERY_MS } from './key-state-store.ts'

/** How long a container acts on the states it has read. */
const FRESH_MS = 5_000
/** How long a call waits for the table at most. */
const PATIENCE_MS = 1_000
/** The pause of a limited key if the provider names none; doubled each further time. */
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = MINUTE_MS
/** Longest pause, whatever a provider says: a wrong header must not disable a key for a day. */
const MAX_PAUSE_MS = 15 * MINUTE_MS
/** The pause of a key that the provider refuses. Its replacement has another fingerprint, and is used at once. */
const REFUSED_PAUSE_MS = 5 * MINUTE_MS

type Known = { readAt: number; states: Map<string, KeyState> }

export type KeyCooldowns = {
  /** The states of a service's keys, by fingerprint; a few seconds old at most. */
  read(service: string): Promise<ReadonlyMap<string, KeyState>>
  /** The provider limited the key. @param retryAfterSeconds - the pause that it named; our own if absent */
  limit(service: string, key: ProviderKey, retryAfterSeconds?: number): Promise<void>
  /** The provider refused the key. */
  refuse(service: string, key: ProviderKey): Promise<void>
  /** A call succeeded. */
  used(service: string, key: ProviderKey): Promise<void>
}

export type KeyCooldownsDependencies = { states: KeyStateStore; clock: Clock; log: Log }

/**
 * The pauses of keys, shared by all containers. While the table is out of reach, a container goes by what it knows itself: making the call matters more
 * than taking notes of it.
 */
export function keyCooldowns({ states, clock, log }: KeyCooldownsDependencies): KeyCooldowns {
  const known = new Map<string, Known>()
  const reading = new Map<string, Promise<void>>()
  const timesLimited = new Map<string, number>()

  const of = (service: string): Known => known.get(service) ?? { readAt: Number.NEGATIVE_INFINITY, states: new Map() }

  /** Not fresh once a known pause has ended: it may have been extended since, so whoever waited for its end reads again. */
  function isFresh({ readAt, states }: Known): boolean {
    const now = clock.now()
    const hasEnded = ({ cooldownUntil = 0 }: KeyState): boolean => readAt < cooldownUntil && cooldownUntil <= now
    return now - readAt < FRESH_MS && ![...states.values()].some(hasEnded)
  }

  async function attempt(service: string, work: Promise<void>): Promise<void> {
    await unlessAborted(work, AbortSignal.timeout(PATIENCE_MS)).catch((error: unknown) => {
      log.warn('key_states_lost', { service, error })
    })
  }

  async function refresh(service: string): Promise<void> {
    const before = of(service).states
    known.set(service, { readAt: clock.now(), states: before })
    await attempt(
      service,
      states.list(service).then((list) => {
        const now = clock.now()
        const latest = new Map(list.map((state) => [state.fingerprint, sane(state, now)]))
        // Keep own pauses that the list does not show yet.
        for (const [fingerprint, own] of of(service).states) {
          if ((latest.get(fingerprint)?.cooldownUntil ?? 0) < (own.cooldownUntil ?? 0)) latest.set(fingerprint, own)
        }
        known.set(service, { readAt: now, states: latest })
      }),
    )
  }

  /** @param slackMs - a running pause that ends at most this much earlier is left as it is */
  async function cool(
    service: string,
    { fingerprint }: ProviderKey,
    reason: CooldownReason,
    { pauseMs, slackMs = 0 }: { pauseMs: number; slackMs?: number },
  ): Promise<void> {
    const now = clock.now()
    const until = now + Math.min(pauseMs, MAX_PAUSE_MS)
    const { readAt, states: latest } = of(service)
    const state = latest.get(fingerprint) ?? { fingerprint }
    if ((state.cooldownUntil ?? 0) >= until - slackMs) return
    known.set(service, { readAt, states: new Map(latest).set(fingerprint, { ...state, cooldownUntil: until, reason }) })
    log.warn('key_paused', { service, fingerprint, reason, until: new Date(until).toISOString() })
    await attempt(service, states.cool(service, { fingerprint, until, reason, now }))
  }

  return {
    async read(service) {
      if (!isFresh(of(service)) && !reading.has(service))
        reading.set(
          service,
          refresh(service).finally(() => reading.delete(service)),
        )
      await reading.get(service)
      return of(service).states
    },

    async limit(service, key, retryAfterSeconds) {
      const times = timesLimited.get(key.fingerprint) ?? 0
      const { cooldownUntil = 0 } = of(service).states.get(key.fingerprint) ?? {}
      // Calls that were already running when the key was limited report the same limit again.
      if (cooldownUntil > clock.now() && times > 0 && retryAfterSeconds === undefined) return
      timesLimited.set(key.fingerprint, times + 1)
      const own = Math.min(FIRST_PAUSE_MS * 2 ** times, LONGEST_PAUSE_MS)
      await cool(service, key, 'rate_limit', { pauseMs: retryAfterSeconds === undefined ? own : retryAfterSeconds * 1_000 })
    },

    // The slack is for a last remaining key, which is tried, and refused, again and again.
    refuse: (service, key) =>
      cool(service, key, 'authentication_error', { pauseMs: REFUSED_PAUSE_MS, slackMs: REFUSED_PAUSE_MS / 2 }),

    async used(service, { fingerprint, requestsPerMinute }) {
      timesLimited.delete(fingerprint)
      const now = clock.now()
      const { readAt, states: latest } = of(service)
      const state = latest.get(fingerprint) ?? { fingerprint }
      if (now - (state.lastUsedAt ?? 0) < USE_TOLD_EVERY_MS) return
      known.set(service, { readAt, states: new Map(latest).set(fingerprint, { ...state, lastUsedAt: now }) })
      await attempt(service, states.use(service, { fingerprint, requestsPerMinute, now }))
    },
  }
}

/** Drops a pause that is longer than any can be: it was written by a container with a wrong clock. */
const sane = (state: KeyState, now: number): KeyState =>
  (state.cooldownUntil ?? 0) > now + MAX_PAUSE_MS + FRESH_MS ? { ...state, cooldownUntil: undefined } : state
