import { DAY_MS, MINUTE_MS } from '#shared/platform/clock.ts'
import type { KeyState } from './key-state.ts'

export type CooldownReason = NonNullable<KeyState['reason']>

/** States of keys that all containers of a stage share. Nothing in it tells a key. Times are milliseconds since the epoch. */
export type KeyStateStore = {
  /** What callers wrote about the keys of a service lately, by fingerprint. */
  list(service: string): Promise<KeyState[]>
  /** A key is to be left alone for a while; an earlier end never replaces a later one. */
  cool(service: string, cooldown: { fingerprint: string; until: number; reason: CooldownReason; now: number }): Promise<void>
  /** A key was used; callers tell it once in {@link USE_TOLD_EVERY_MS}. */
  use(service: string, use: { fingerprint: string; requestsPerMinute?: number | undefined; now: number }): Promise<void>
}

/** Pause between two notes that the same key was used. */
export const USE_TOLD_EVERY_MS = 15 * MINUTE_MS

/** How long a key is remembered that nobody uses. */
export const KEY_KEPT_MS = 7 * DAY_MS
