import type { Clock } from '#shared/platform/clock.ts'

/** Time that moves when the simulation says so: an hour of leases, visibility and back-off passes in a moment. */
export type VirtualClock = Clock & { advance(milliseconds: number): void }

export function virtualClock(start = Date.parse('2026-11-21T09:00:00.000Z')): VirtualClock {
  let now = start
  return {
    now: () => now,
    advance(milliseconds) {
      now += milliseconds
    },
  }
}
