import type { Principal } from '#shared/access/principal.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { boundedMap } from './bounded-map.ts'
import { isEmpty, type Rate } from './bucket.ts'
import type { BucketStore } from './bucket-store.ts'
import { principalBucketKey } from './rate-keys.ts'

/** Callers that a container remembers. */
const MAX_PRINCIPALS = 10_000

/**
 * Takes requests from the buckets of callers: exact, at one write for each. What a container saw of a bucket last spares it the
 * writes that could only fail, so a caller that goes on regardless of refusals costs nothing.
 */
export function principalBuckets({ buckets, clock }: { buckets: BucketStore; clock: Clock }) {
  const seen = boundedMap<string, number>(MAX_PRINCIPALS)
  return {
    async take(
      { tenant, subject }: Pick<Principal, 'tenant' | 'subject'>,
      rate: Rate,
    ): Promise<{ taken: boolean; wholeAt: number }> {
      const key = principalBucketKey(tenant, subject)
      const now = clock.now()
      const known = seen.get(key.pk)
      if (known !== undefined && isEmpty(rate, known, now)) return { taken: false, wholeAt: known }
      const taken = await buckets.take(key, { rate, now, known })
      // Buckets of callers are never closed.
      const wholeAt = taken.result === 'closed' ? 0 : taken.wholeAt
      seen.set(key.pk, wholeAt)
      return { taken: taken.result === 'taken', wholeAt }
    },
  }
}
