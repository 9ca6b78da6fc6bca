import type { KeyState } from './key-state.ts'

/** States of keys that all containers of a stage share. Nothing in it tells a key. */
export type KeyStateStore = {
  /** What callers wrote about the keys of a service lately. */
  list(service: string): Promise<KeyState[]>
  /** A key is not to be used for a while; an earlier end never replaces a later one. */
  cool(service: string, cooldown: { fingerprint: string; until: number; reason: CooldownReason; now: number }): Promise<void>
  /** A key was used. Callers tell it seldom: see {@link USE_TOLD_EVERY_MS}. */
  used(service: string, use: { fingerprint: string; requestsPerMinute?: number | undefined; now: number }): Promise<void>
}

export type CooldownReason = NonNullable<KeyState['reason']>

/** Pause between two notes that the same key was used. */
export const USE_TOLD_EVERY_MS = 15 * 60_000
