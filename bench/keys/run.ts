/** Three keys, one of them limited, 300 calls in half a minute of virtual time: what each key has to do, and what it costs. One JSON object. */
import { memoryBucketStore } from '#shared/limits/memory-bucket-store.ts'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import type { ProviderKey } from '#shared/llm/provider-key.ts'
import { providerKeys } from '#shared/llm/provider-keys.ts'
import { memoryKeyStateStore } from '#shared/models/memory-key-state-store.ts'
import { pooledKeys } from '#shared/models/pooled-keys.ts'
import { sharedKeyPool } from '#shared/models/shared-key-pool.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'

const CALLS = 300
const PAUSE_MS = 100
const LIMITED = 'key-b'

let now = Date.now()
const clock = { now: () => now }
const secret = JSON.stringify({ keys: ['key-a', LIMITED, 'key-c'].map((apiKey) => ({ apiKey })) })
const keys = providerKeys({ secrets: memorySecretStore({ 'bench-openai-secret': secret }), platform: 'bench' })
const states = memoryKeyStateStore()
const pool = sharedKeyPool({ keys, states, buckets: memoryBucketStore(), clock, log: memoryLog() })
const asked: Record<string, number> = {}

async function* answer({ apiKey }: ProviderKey): AsyncGenerator<LlmEvent> {
  const key = apiKey.reveal()
  asked[key] = (asked[key] ?? 0) + 1
  if (key === LIMITED)
    throw new ProviderError('rate_limit', 'limited', { provider: 'openai', providerStatus: 429, retryAfterSeconds: 20 })
  yield { type: 'text', text: 'ok' }
  yield { type: 'usage', inputTokens: 10, outputTokens: 1 }
  yield { type: 'stop', reason: 'end' }
}

const provider = pooledKeys({ provider: 'openai', service: 'openai', pool, open: async (key) => ({ stream: () => answer(key) }) })
let failed = 0
for (let call = 0; call < CALLS; call++) {
  const request = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] }
  try {
    for await (const _ of provider.stream(request, AbortSignal.timeout(1_000)));
  } catch {
    failed++
  }
  now += PAUSE_MS
}

console.log(
  JSON.stringify({
    calls: CALLS,
    failed,
    retriesUsed: failed,
    askedByKey: asked,
    stateReads: states.calls.reads,
    stateWrites: states.calls.writes,
  }),
)
