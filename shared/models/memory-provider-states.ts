import { memoryBreakerStore } from './memory-breaker-store.ts'
import { memoryKeyStateStore } from './memory-key-state-store.ts'
import { memoryLatencyStore } from './memory-latency-store.ts'
import type { ProviderStates } from './provider-states.ts'

/** Provider states in memory, for tests. */
export const memoryProviderStates = (): ProviderStates => ({
  breakers: memoryBreakerStore(),
  latencies: memoryLatencyStore(),
  keyStates: memoryKeyStateStore(),
})
