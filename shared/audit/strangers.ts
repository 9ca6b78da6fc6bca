import { type Clock, MINUTE_MS } from '#shared/platform/clock.ts'

/** Refused calls of strangers that are written down, in a minute: from one address, and in all. Each container counts its own. */
const PER_ADDRESS = 5
const IN_ALL = 60

/** Decides which calls of strangers are written down, so that a flood of them costs nothing. */
export type Strangers = {
  /** @returns how many were left out since the last one that was not; undefined when this one is, too */
  admit(address: string | undefined): number | undefined
}

/** At most {@link PER_ADDRESS} a minute of one address, and {@link IN_ALL} of all. */
export function strangers(clock: Clock): Strangers {
  let minute = 0
  let admitted = 0
  let omitted = 0
  // At most as many addresses as are admitted in a minute.
  const byAddress = new Map<string, number>()
  return {
    admit(address = 'unknown') {
      const now = Math.floor(clock.now() / MINUTE_MS)
      if (now !== minute) {
        minute = now
        admitted = 0
        byAddress.clear()
      }
      const known = byAddress.get(address) ?? 0
      if (known >= PER_ADDRESS || admitted >= IN_ALL) {
        omitted += 1
        return undefined
      }
      byAddress.set(address, known + 1)
      admitted += 1
      const leftOut = omitted
      omitted = 0
      return leftOut
    },
  }
}
