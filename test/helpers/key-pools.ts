import { memoryBucketStore } from '#shared/limits/memory-bucket-store.ts'
import type { LlmEvent, LlmProvider } from '#shared/llm/llm-provider.ts'
import type { ProviderKey } from '#shared/llm/provider-key.ts'
import { providerKeys } from '#shared/llm/provider-keys.ts'
import type { KeyStateStore } from '#shared/models/key-state-store.ts'
import { memoryKeyStateStore } from '#shared/models/memory-key-state-store.ts'
import { pooledKeys } from '#shared/models/pooled-keys.ts'
import { sharedKeyPool } from '#shared/models/shared-key-pool.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import type { SecretStore } from '#shared/platform/secret-store.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')

/** What a vendor says to a call with a key; throws what it refuses. */
export type VendorScript = (apiKey: string) => Iterable<LlmEvent>

export const ANSWER: LlmEvent[] = [
  { type: 'text', text: 'hello' },
  { type: 'usage', inputTokens: 10, outputTokens: 1 },
  { type: 'stop', reason: 'end' },
]

export type KeyPoolWorldOptions = {
  /** The secret of the service `openai`: its text, or the current and the previous one. */
  secret?: string | readonly [string, string?]
  vendor?: VendorScript
  states?: KeyStateStore
  /** What a call does that waits for a key. @default nothing, and no time passes */
  wait?: (milliseconds: number) => void
  /** Whether calls wait for keys. @default true */
  waits?: boolean
  /** In the place of the secret, for one that is cached. */
  secrets?: SecretStore
}

export const secretOf = (...keys: (string | { apiKey: string; [limit: string]: unknown })[]): string =>
  JSON.stringify({ keys: keys.map((key) => (typeof key === 'string' ? { apiKey: key } : key)) })

/** Containers over the same tables and in the same virtual time; `calls` counts what the vendor was asked with each key. */
export function keyPoolWorld({
  secret = secretOf('key-a', 'key-b', 'key-c'),
  vendor = () => ANSWER,
  wait = () => undefined,
  ...given
}: KeyPoolWorldOptions = {}) {
  let now = NOW
  const clock: Clock = { now: () => now }
  const contents: Record<string, string | readonly [string, string?]> = { 'sluice-test-openai-secret': secret }
  const secrets = given.secrets ?? memorySecretStore(contents)
  const states = given.states ?? memoryKeyStateStore()
  const buckets = memoryBucketStore()
  const log = memoryLog()
  const calls = new Map<string, number>()

  async function* answer({ apiKey }: ProviderKey): AsyncGenerator<LlmEvent> {
    const key = apiKey.reveal()
    calls.set(key, (calls.get(key) ?? 0) + 1)
    yield* vendor(key)
  }

  function container(): LlmProvider {
    const keys = providerKeys({ secrets, platform: 'sluice-test' })
    const random = () => 0
    const pool = sharedKeyPool({ keys, states, buckets, clock, log, random })
    return pooledKeys({
      ...{ provider: 'openai', service: 'openai', pool },
      open: async (key) => ({ stream: () => answer(key) }),
      waits: given.waits,
      wait: async (milliseconds) => wait(milliseconds),
      random,
    })
  }

  return {
    container,
    calls,
    states,
    buckets,
    log,
    clock,
    rotate: (...versions: [string, string?]) => {
      contents['sluice-test-openai-secret'] = versions
    },
    pass: (milliseconds: number) => {
      now += milliseconds
    },
  }
}
