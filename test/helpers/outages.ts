import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import type { BreakerKey } from '#shared/models/breaker-store.ts'
import { sharedBreakers } from '#shared/models/breakers.ts'
import { memoryBreakerStore } from '#shared/models/memory-breaker-store.ts'
import { withBreaker } from '#shared/models/with-breaker.ts'
import { seededRandom } from '../../bench/random.ts'
import { type FleetResult, runFleet } from './fleet.ts'
import { llmRequest, never } from './llm.ts'
import { simulatedTime } from './simulated-time.ts'

const KEY: BreakerKey = { tenant: 'acme', provider: 'openai', service: 'openai', model: 'gpt-4o' }
const PER_SECOND = 2
const BEGINS_MS = 20_000

/** Two executions a second for three minutes in 20 containers, with a provider that answers nobody for a while from the twentieth second on. */
export async function outage(seed: number, seconds: number): Promise<FleetResult & { refusedCalls: number }> {
  const [time, random] = [simulatedTime(), seededRandom(seed)]
  const downAt = time.now() + BEGINS_MS
  const store = memoryBreakerStore()
  let refusedCalls = 0

  const slowly = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await time.sleep(3 + random.below(15))
    return work()
  }
  const slowStore = {
    ...store,
    get: (key: BreakerKey) => slowly(() => store.get(key)),
    put: (...given: Parameters<typeof store.put>) => slowly(() => store.put(...given)),
  }

  async function* answer(): AsyncGenerator<LlmEvent> {
    await time.sleep(300)
    if (time.now() >= downAt && time.now() < downAt + seconds * 1_000) {
      refusedCalls++
      throw new ProviderError('provider_error', 'out of order', { provider: 'openai', providerStatus: 503 })
    }
    await time.sleep(500 + random.below(2_000))
    yield { type: 'text', text: 'hello' }
    yield { type: 'stop', reason: 'end' }
  }

  function container() {
    const breakers = sharedBreakers(slowStore, time, {
      onLost(error) {
        throw error
      },
      onOpened: () => undefined,
    })
    const provider = withBreaker({ stream: answer }, { key: KEY, breakers, clock: time, wait: time.sleep, random: random.next })
    return async (): Promise<void> => {
      for await (const _event of provider.stream(llmRequest('hi'), never()));
    }
  }

  const result = await runFleet({
    ...{ time, random, executions: 180 * PER_SECOND, attempts: Array.from({ length: 20 }, container) },
    arrival: (execution) => (execution * 1_000) / PER_SECOND,
  })
  return { ...result, refusedCalls }
}
