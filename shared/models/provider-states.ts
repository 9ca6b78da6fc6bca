import type { BreakerStore } from './breaker-store.ts'
import type { KeyStateStore } from './key-state-store.ts'
import type { LatencyStore } from './latency-store.ts'

/** What model calls have recorded about providers; readable without having any keys. */
export type ProviderStates = { breakers: BreakerStore; latencies: LatencyStore; keyStates: KeyStateStore }
