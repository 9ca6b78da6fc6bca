import { isEmpty, nextAfterOf, type Rate, remainingOf } from '#shared/limits/bucket.ts'
import type { BucketKey, BucketStore } from '#shared/limits/bucket-store.ts'
import type { ProviderKey } from '#shared/llm/provider-key.ts'
import { type Clock, MINUTE_MS } from '#shared/platform/clock.ts'

/** `free`: the call may be made. Otherwise seconds until it is worth asking again. */
export type RateResult = { free: true; tokens: number } | { free: false; retryAfterSeconds: number }

export type KeyRates = {
  /** Takes a call, and what it is expected to use, from the buckets of a key. */
  take(service: string, key: ProviderKey, tokens: () => Promise<number>): Promise<RateResult>
  /** Takes what a call used beyond what was expected; of a bucket that has less, all. */
  settle(service: string, key: ProviderKey, tokens: number): Promise<void>
}

const perMinute = (limit: number): Rate => ({ limit, windowMs: MINUTE_MS })

const bucketKey = (service: string, { fingerprint }: ProviderKey, of: 'requests' | 'tokens'): BucketKey => ({
  pk: `LLM#RATE#${service}#${fingerprint}`,
  sk: of,
})

/** Keeps keys to what their secrets allow, in buckets that all containers share. Keys without limits cost nothing. */
export function keyRates({ buckets, clock }: { buckets: BucketStore; clock: Clock }): KeyRates {
  /** What was last seen of a bucket: of one that was empty nobody asks in vain. */
  const seen = new Map<string, number>()

  async function take(key: BucketKey, rate: Rate, wanted: number): Promise<RateResult> {
    const name = `${key.pk} ${key.sk}`
    const now = clock.now()
    const known = seen.get(name)
    const refused = (wholeAt: number): RateResult => ({ free: false, retryAfterSeconds: nextAfterOf(rate, wholeAt, now) })
    if (known !== undefined && isEmpty(rate, known, now)) return refused(known)
    // What is more than a bucket holds would never fit.
    const requests = Math.min(Math.max(1, Math.ceil(wanted)), rate.limit)
    const taken = await buckets.take(key, { rate, now, requests, known })
    if (taken.result === 'closed') return { free: true, tokens: 0 }
    seen.set(name, taken.wholeAt)
    return taken.result === 'taken' ? { free: true, tokens: requests } : refused(taken.wholeAt)
  }

  return {
    async take(service, key, tokens) {
      const { requestsPerMinute, tokensPerMinute } = key
      if (requestsPerMinute !== undefined) {
        const ofRequests = await take(bucketKey(service, key, 'requests'), perMinute(requestsPerMinute), 1)
        if (!ofRequests.free) return ofRequests
      }
      if (tokensPerMinute === undefined) return { free: true, tokens: 0 }
      return take(bucketKey(service, key, 'tokens'), perMinute(tokensPerMinute), await tokens())
    },

    async settle(service, key, tokens) {
      if (key.tokensPerMinute === undefined || tokens <= 0) return
      const rate = perMinute(key.tokensPerMinute)
      const ofTokens = bucketKey(service, key, 'tokens')
      const now = clock.now()
      const taken = await buckets.take(ofTokens, { rate, now, requests: Math.min(tokens, rate.limit) })
      const left = taken.result === 'empty' ? remainingOf(rate, taken.wholeAt, now) : 0
      if (left > 0) await buckets.take(ofTokens, { rate, now, requests: left })
    },
  }
}
