import type { KeyState } from './key-state.ts'
import type { KeyStateStore } from './key-state-store.ts'

/** Key states in memory, for tests; `calls` counts reads and writes. */
export function memoryKeyStateStore(): KeyStateStore & { calls: { reads: number; writes: number } } {
  const services = new Map<string, Map<string, KeyState>>()
  const calls = { reads: 0, writes: 0 }
  const of = (service: string): Map<string, KeyState> => {
    const states = services.get(service) ?? new Map<string, KeyState>()
    services.set(service, states)
    return states
  }
  return {
    calls,
    async list(service) {
      calls.reads++
      return [...of(service).values()].toSorted((one, other) => (one.fingerprint < other.fingerprint ? -1 : 1))
    },
    async cool(service, { fingerprint, until, reason }) {
      calls.writes++
      const state = of(service).get(fingerprint) ?? { fingerprint }
      if ((state.cooldownUntil ?? 0) < until) of(service).set(fingerprint, { ...state, cooldownUntil: until, reason })
    },
    async use(service, { fingerprint, requestsPerMinute, now }) {
      calls.writes++
      const { requestsPerMinute: _, ...state } = of(service).get(fingerprint) ?? { fingerprint }
      of(service).set(fingerprint, { ...state, lastUsedAt: now, ...(requestsPerMinute !== undefined && { requestsPerMinute }) })
    },
  }
}
