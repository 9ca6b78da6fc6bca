import type { BucketStore } from '#shared/limits/bucket-store.ts'
import type { ProviderKey } from '#shared/llm/provider-key.ts'
import type { ProviderKeys } from '#shared/llm/provider-keys.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { Log } from '#shared/platform/log.ts'
import { keyCooldowns } from './key-cooldowns.ts'
import { keyLoads } from './key-loads.ts'
import type { KeyLease, KeyPool, KeyRequest, NoKey } from './key-pool.ts'
import { keyRates } from './key-rates.ts'
import type { KeyState } from './key-state.ts'
import type { KeyStateStore } from './key-state-store.ts'

export type KeyPoolDependencies = {
  keys: ProviderKeys
  states: KeyStateStore
  buckets: BucketStore
  clock: Clock
  log: Log
  /** @default Math.random */
  random?: (() => number) | undefined
}

/** Why a key is not free, and for how long. */
type Obstacle = { reason: NonNullable<KeyState['reason']>; seconds: number }

/** A pool whose pauses and rates are shared by all containers; the load is counted per container. */
export function sharedKeyPool(dependencies: KeyPoolDependencies): KeyPool {
  const { keys, clock, log } = dependencies
  const loads = keyLoads(dependencies.random)
  const rates = keyRates(dependencies)
  const cooldowns = keyCooldowns(dependencies)

  function lease(service: string, key: ProviderKey, expected: number): KeyLease {
    const done = loads.begin(key)
    return {
      key,
      async end(tokens) {
        done()
        if (tokens === undefined) return
        const settled = rates.settle(service, key, tokens - expected).catch((error: unknown) => {
          // The answer is there; only the count of its tokens is less exact.
          log.warn('key_states_lost', { service, error })
        })
        await Promise.all([settled, cooldowns.used(service, key)])
      },
      async limited(retryAfterSeconds) {
        done()
        await cooldowns.limit(service, key, retryAfterSeconds)
      },
      async refused() {
        done()
        await cooldowns.refuse(service, key)
      },
    }
  }

  /**
   * Leases the first free key, or says why none is free.
   *
   * @param options.refusedToo - also tries keys that the provider refused some minutes ago
   */
  async function firstFree(
    service: string,
    candidates: readonly ProviderKey[],
    { tried, tokens }: KeyRequest,
    { refusedToo = false } = {},
  ): Promise<KeyLease | Obstacle[]> {
    const states = await cooldowns.read(service)
    const obstacles: Obstacle[] = []
    const free = candidates.filter(({ fingerprint }) => {
      const { cooldownUntil = 0, reason = 'rate_limit' } = states.get(fingerprint) ?? {}
      const seconds = (cooldownUntil - clock.now()) / 1_000
      if (seconds > 0) obstacles.push({ reason, seconds })
      return !tried.has(fingerprint) && (seconds <= 0 || (refusedToo && reason === 'authentication_error'))
    })
    for (const key of loads.inOrder(free)) {
      const rate = await rates.take(service, key, tokens)
      if (rate.free) return lease(service, key, rate.tokens)
      obstacles.push({ reason: 'rate_limit', seconds: rate.retryAfterSeconds })
    }
    return obstacles
  }

  return {
    open: (service) => keys.current(service),

    async take(service, request) {
      const found = await firstFree(service, await keys.current(service), request)
      if (!Array.isArray(found)) return { result: 'key', ...found }
      if (!found.some(isRefused)) return noKey(found)
      // A refused key may have been replaced since it was read, or may be a replacement that the provider does not know yet.
      const versions = await keys.versions(service)
      const fresh = await firstFree(service, versions, request)
      if (!Array.isArray(fresh)) return { result: 'key', ...fresh }
      if (!fresh.every(isRefused)) return noKey(fresh)
      // No other key is left, and a refusal may have been a mistake of the provider: one wrong answer must not stop a service.
      const last = await firstFree(service, versions, request, { refusedToo: true })
      return Array.isArray(last) ? noKey(last) : { result: 'key', ...last }
    },
  }
}

const isRefused = ({ reason }: Obstacle): boolean => reason === 'authentication_error'

/** Longest time after which a caller is told to try again: no pause of a key is longer. */
const MAX_SECONDS = 900

/** If some keys are limited and others refused, the limit decides: it passes sooner. */
function noKey(obstacles: readonly Obstacle[]): NoKey {
  if (obstacles.length === 0) return { result: 'tried', retryAfterSeconds: 1 }
  const limited = obstacles.filter((obstacle) => !isRefused(obstacle))
  const deciding = limited.length > 0 ? limited : obstacles
  const soonest = Math.min(...deciding.map(({ seconds }) => seconds), MAX_SECONDS)
  return { result: limited.length > 0 ? 'limited' : 'refused', retryAfterSeconds: Math.ceil(soonest) }
}
