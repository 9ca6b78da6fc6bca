import { memoryBucketStore } from '#shared/limits/memory-bucket-store.ts'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { providerKeys } from '#shared/llm/provider-keys.ts'
import { memoryKeyStateStore } from '#shared/models/memory-key-state-store.ts'
import { pooledKeys } from '#shared/models/pooled-keys.ts'
import { sharedKeyPool } from '#shared/models/shared-key-pool.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { type Random, seededRandom } from '../../bench/random.ts'
import { type FleetResult, runFleet } from './fleet.ts'
import { llmRequest, never } from './llm.ts'
import { type SimulatedTime, simulatedTime } from './simulated-time.ts'

/** Whether a vendor refuses a call now. */
type Refuses = (execution: number, now: number) => boolean
export type StormVendor = { refuses(random: Random): Refuses; retryAfterSeconds?: number }

/** Half of all prompts are refused, each once. */
export const ONCE_A_PROMPT: StormVendor = {
  retryAfterSeconds: 1,
  refuses(random) {
    const met = new Set<number>()
    return (execution) => {
      if (met.has(execution)) return false
      met.add(execution)
      return random.chance(0.5)
    }
  },
}

/** So many calls a second, and no more. */
export const callsPerSecond = (rate: number, retryAfterSeconds?: number): StormVendor => ({
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  refuses() {
    let [left, lastAt] = [rate, 0]
    return (_execution, now) => {
      left = Math.min(rate, left + ((now - lastAt) / 1_000) * rate)
      lastAt = now
      if (left < 1) return true
      left--
      return false
    }
  },
})

/** 100 executions at once in 20 containers over one key, with stores and a vendor that take their time. */
export async function keyStorm(seed: number, { refuses, retryAfterSeconds }: StormVendor): Promise<FleetResult> {
  const [time, random] = [simulatedTime(), seededRandom(seed)]
  const isRefused = refuses(random)
  const secrets = memorySecretStore({ 'sluice-test-openai-secret': 'key-a' })
  const states = slowStates(time, random)
  const buckets = memoryBucketStore()

  async function* answer(execution: number): AsyncGenerator<LlmEvent> {
    await time.sleep(20 + random.below(60))
    if (isRefused(execution, time.now()))
      throw new ProviderError('rate_limit', 'too many', {
        ...{ provider: 'openai', providerStatus: 429 },
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      })
    await time.sleep(300 + random.below(1_200))
    yield { type: 'text', text: 'hello' }
    yield { type: 'stop', reason: 'end' }
  }

  function container() {
    const keys = providerKeys({ secrets, platform: 'sluice-test' })
    const pool = sharedKeyPool({ keys, states, buckets, clock: time, log: memoryLog(), random: random.next })
    return async (execution: number): Promise<void> => {
      const provider = pooledKeys({
        ...{ provider: 'openai', service: 'openai', pool, random: random.next, wait: time.sleep },
        open: async () => ({ stream: () => answer(execution) }),
      })
      for await (const _event of provider.stream(llmRequest('hi'), never()));
    }
  }

  const containers = Array.from({ length: 20 }, container)
  return runFleet({ time, random, executions: 100, attempts: containers })
}

/** States whose reads and writes take some milliseconds. */
function slowStates(time: SimulatedTime, random: Random) {
  const states = memoryKeyStateStore()
  const slowly = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await time.sleep(3 + random.below(15))
    return work()
  }
  return {
    list: (service: string) => slowly(() => states.list(service)),
    cool: (...given: Parameters<typeof states.cool>) => slowly(() => states.cool(...given)),
    use: (...given: Parameters<typeof states.use>) => slowly(() => states.use(...given)),
  }
}
