import { isWhole, type Rate, remainingOf, termsOf } from '#shared/limits/bucket.ts'
import type { BucketKey, BucketStore } from '#shared/limits/bucket-store.ts'
import type { ProviderKey } from '#shared/llm/provider-key.ts'
import { type Clock, MINUTE_MS } from '#shared/platform/clock.ts'

/** `free`: the call may be made, and `tokens` were taken for it. Otherwise, when to ask again. */
export type RateResult = { free: true; tokens: number } | { free: false; retryAfterSeconds: number }

export type KeyRates = {
  /** Takes one call and its expected tokens from the buckets of a key. */
  take(service: string, key: ProviderKey, tokens: () => number): Promise<RateResult>
  /** Takes what a call used beyond the expected tokens, or as much as is left. */
  settle(service: string, key: ProviderKey, tokens: number): Promise<void>
}

/** An amount to take from one bucket. */
type Wanted = { key: BucketKey; rate: Rate; requests: number }

/** In a second. */
const MICROSECONDS = 1_000_000

const perMinute = (limit: number): Rate => ({ limit, windowMs: MINUTE_MS })

const bucketKey = (service: string, { fingerprint }: ProviderKey, of: 'requests' | 'tokens'): BucketKey => ({
  pk: `LLM#RATE#${service}#${fingerprint}`,
  sk: of,
})

/** Enforces the rates that secrets set for their keys, in token buckets that all containers share. Keys without limits cost no read or write. */
export function keyRates({ buckets, clock }: { buckets: BucketStore; clock: Clock }): KeyRates {
  /** The last known level of each bucket, so that an empty one is not asked in vain. */
  const seen = new Map<string, number>()

  const nameOf = ({ pk, sk }: BucketKey): string => `${pk} ${sk}`

  /** Seconds until the amount is available; 0 if it is now, as far as known. */
  function pauseOf({ key, rate, requests }: Wanted): number {
    const wholeAt = seen.get(nameOf(key))
    const terms = termsOf(rate, clock.now(), requests)
    if (wholeAt === undefined || isWhole(wholeAt, terms) || wholeAt <= terms.latest) return 0
    return Math.max(1, Math.ceil((wholeAt - terms.latest) / MICROSECONDS))
  }

  /** @returns 0 if the amount was taken; otherwise the seconds until the next try makes sense */
  async function take(wanted: Wanted): Promise<number> {
    const { key, rate, requests } = wanted
    const taken = await buckets.take(key, { rate, now: clock.now(), requests, known: seen.get(nameOf(key)) })
    if (taken.result === 'closed') return 0
    seen.set(nameOf(key), taken.wholeAt)
    return taken.result === 'taken' ? 0 : Math.max(1, pauseOf(wanted))
  }

  return {
    async take(service, key, tokens) {
      const { requestsPerMinute, tokensPerMinute } = key
      const wanted: Wanted[] = []
      const want = (of: 'requests' | 'tokens', limit: number, count: number): void => {
        // Capped: more than a whole bucket could never be taken.
        const requests = Math.min(Math.max(1, Math.ceil(count)), limit)
        wanted.push({ key: bucketKey(service, key, of), rate: perMinute(limit), requests })
      }
      if (requestsPerMinute !== undefined) want('requests', requestsPerMinute, 1)
      if (tokensPerMinute !== undefined) want('tokens', tokensPerMinute, tokens())
      // Nothing is taken from one bucket while another is known to have too little.
      const pause = Math.max(0, ...wanted.map(pauseOf))
      if (pause > 0) return { free: false, retryAfterSeconds: pause }
      for (const each of wanted) {
        const retryAfterSeconds = await take(each)
        if (retryAfterSeconds > 0) return { free: false, retryAfterSeconds }
      }
      return { free: true, tokens: tokensPerMinute === undefined ? 0 : (wanted.at(-1)?.requests ?? 0) }
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
