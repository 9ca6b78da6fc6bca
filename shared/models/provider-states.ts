import type { BreakerStore } from './breaker-store.ts'
import type { KeyStateStore } from './key-state-store.ts'
import type { LatencyStore } from './latency-store.ts'

/** What callers of models wrote about their providers, for a reader that has no keys. */
export type ProviderStates = { breakers: BreakerStore; latencies: LatencyStore; keyStates: KeyStateStore }
