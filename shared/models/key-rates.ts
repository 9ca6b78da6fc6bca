import { isWhole, type Rate, remainingOf, termsOf } from '#shared/limits/bucket.ts'
import type { BucketKey, BucketStore } from '#shared/limits/bucket-store.ts'
import type { ProviderKey } from '#shared/llm/provider-key.ts'
import { type Clock, MINUTE_MS } from '#shared/platform/clock.ts'

/** `free`: the call may be made. Otherwise seconds until it is worth asking again. */
export type RateResult = { free: true; tokens: number } | { free: false; retryAfterSeconds: number }

export type KeyRates = {
  /** Takes a call, and what it is expected to use, from the buckets of a key. */
  take(service: string, key: ProviderKey, tokens: () => number): Promise<RateResult>
  /** Takes what a call used beyond what was expected; of a bucket that has less, all. */
  settle(service: string, key: ProviderKey, tokens: number): Promise<void>
}

/** So many, from one bucket. */
type Wanted = { key: BucketKey; rate: Rate; requests: number }

/** In a second. */
const MICROSECONDS = 1_000_000

const perMinute = (limit: number): Rate => ({ limit, windowMs: MINUTE_MS })

const bucketKey = (service: string, { fingerprint }: ProviderKey, of: 'requests' | 'tokens'): BucketKey => ({
  pk: `LLM#RATE#${service}#${fingerprint}`,
  sk: of,
})

/** Keeps keys to what their secrets allow, in buckets that all containers share. Keys without limits cost nothing. */
export function keyRates({ buckets, clock }: { buckets: BucketStore; clock: Clock }): KeyRates {
  /** What was last seen of a bucket: of one that was empty nobody asks in vain. */
  const seen = new Map<string, number>()

  const nameOf = ({ pk, sk }: BucketKey): string => `${pk} ${sk}`

  /** Seconds until so many fit; 0 when they do, as far as is known. */
  function pauseOf({ key, rate, requests }: Wanted): number {
    const wholeAt = seen.get(nameOf(key))
    const terms = termsOf(rate, clock.now(), requests)
    if (wholeAt === undefined || isWhole(wholeAt, terms) || wholeAt <= terms.latest) return 0
    return Math.max(1, Math.ceil((wholeAt - terms.latest) / MICROSECONDS))
  }

  /** @returns seconds until it is worth asking again; 0 when they were taken */
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
        // What is more than a bucket holds would never fit.
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
