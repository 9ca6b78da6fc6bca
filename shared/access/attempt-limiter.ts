import { isIPv6 } from 'node:net'
import { type Clock, MINUTE_MS } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { FailedAttempts } from './failed-attempts.ts'

/** Addresses that a container remembers as blocked. */
const MAX_REMEMBERED = 10_000

/** Slows down whoever guesses. Good credentials are never refused: only a failure is answered differently. */
export type AttemptLimiter = {
  /** Notes that an address failed. @throws SluiceError `rate_limit` when it did so too often in this minute */
  fail(address: string): Promise<void>
}

/**
 * Counts in the container what is over, and in the store what is not: an attacker costs `perMinute` writes a minute, however often he tries.
 *
 * @param perMinute - failures that are answered as such
 */
export function attemptLimiter(
  attempts: FailedAttempts,
  { perMinute, clock }: { perMinute: number; clock: Clock },
): AttemptLimiter {
  let blocked = { minute: 0, networks: new Set<string>() }

  return {
    async fail(address) {
      const minute = Math.floor(clock.now() / MINUTE_MS)
      if (blocked.minute !== minute) blocked = { minute, networks: new Set() }
      const network = networkOf(address)
      if (!blocked.networks.has(network)) {
        // A store that does not answer lets nobody in, and makes no failure another one.
        const count = await attempts.add(network, minute).catch(() => 0)
        if (count <= perMinute) return
        if (blocked.networks.size < MAX_REMEMBERED) blocked.networks.add(network)
      }
      throw new SluiceError('rate_limit', 'too many failed attempts from this address', {
        retryAfterSeconds: Math.max(1, Math.ceil(((minute + 1) * MINUTE_MS - clock.now()) / 1_000)),
      })
    },
  }
}

/** Whoever has one address of IPv6 has 2^64 of them. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail = ''] = address.toLowerCase().split('::')
  const first = head.split(':').filter(Boolean)
  const last = tail.split(':').filter(Boolean)
  const groups = [...first, ...Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0'), ...last]
  return `${groups.slice(0, 4).join(':')}::/64`
}
