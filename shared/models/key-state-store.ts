import { DAY_MS, MINUTE_MS } from '#shared/platform/clock.ts'
import type { KeyState } from './key-state.ts'

export type CooldownReason = NonNullable<KeyState['reason']>

/** The states of keys, shared by all containers of a stage. No key can be derived from them. Times are milliseconds since the epoch. */
export type KeyStateStore = {
  /** The known states of a service's keys. */
  list(service: string): Promise<KeyState[]>
  /** Pauses a key; never shortens a pause. */
  cool(service: string, cooldown: { fingerprint: string; until: number; reason: CooldownReason; now: number }): Promise<void>
  /** Notes that a key was used; called at most once in {@link USE_TOLD_EVERY_MS}. */
  use(service: string, use: { fingerprint: string; requestsPerMinute?: number | undefined; now: number }): Promise<void>
}

/** Shortest time between two notes that the same key was used, in milliseconds. */
export const USE_TOLD_EVERY_MS = 15 * MINUTE_MS

/** How long the state of an unused key is kept, in milliseconds. */
export const KEY_KEPT_MS = 7 * DAY_MS
