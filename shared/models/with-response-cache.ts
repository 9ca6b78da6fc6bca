import canonicalize from 'canonicalize'
import type { LlmEvent, LlmMessage, LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import type { ResponseCacheStore, ResponseKey } from './response-cache-store.ts'

/** Largest answer that is cached, in bytes of JSON: a DynamoDB item holds 400 KB. */
export const MAX_CACHED_BYTES = 256 * 1_024

export type ResponseCacheOptions = {
  store: ResponseCacheStore
  tenant: string
  /** The settings of the model; those that influence its answers become part of the key. */
  settings: LlmSettings
  ttlSeconds: number
  clock: Clock
  /** Called when the store could not be reached; the model is asked then. */
  onLost(error: unknown): void
}

/**
 * Caches answers: the same question of the same tenant gets the same events again, without a cost. Only complete answers are cached; not cached are tool
 * calls, which depend on more than the question, answers of fallbacks, and answers that are too large.
 */
export function withResponseCache(
  provider: LlmProvider,
  { store, tenant, settings, ttlSeconds, clock, onLost }: ResponseCacheOptions,
): LlmProvider {
  return {
    async *stream(request, signal) {
      const key = responseKey(tenant, settings, request)
      const kept = await store.get(key, clock.now()).catch((error: unknown) => {
        onLost(error)
        return undefined
      })
      signal.throwIfAborted()
      if (kept) {
        yield* replayed(kept)
        return
      }
      const events: LlmEvent[] = []
      for await (const event of provider.stream(request, signal)) {
        // Warnings belong to this call, such as a budget that is nearly spent, and are not replayed.
        if (event.type !== 'warning') events.push(event)
        yield event
      }
      if (isWorthKeeping(events)) await store.put(key, events, clock.now() + ttlSeconds * 1_000).catch(onLost)
    },
  }
}

/** The cached events, with a usage of zero. */
const replayed = (events: readonly LlmEvent[]): LlmEvent[] =>
  events.map((event) => {
    if (event.type === 'model') return { ...event, cached: true }
    return event.type === 'usage' ? { type: 'usage', inputTokens: 0, outputTokens: 0, costMicroUsd: 0 } : event
  })

function isWorthKeeping(events: readonly LlmEvent[]): boolean {
  const last = events.at(-1)
  const isWhole = last?.type === 'stop' && (last.reason === 'end' || last.reason === 'stop_sequence')
  const models = events.filter(({ type }) => type === 'model').length
  if (!isWhole || models > 1 || events.some(({ type }) => type === 'tool_call')) return false
  return Buffer.byteLength(JSON.stringify(events)) <= MAX_CACHED_BYTES
}

/** SHA-256 over everything that an answer depends on, including the tenant, as canonical JSON (RFC 8785); images by their own hash. */
export function responseKey(tenant: string, settings: LlmSettings, request: LlmRequest): ResponseKey {
  const { provider, service, baseUrl, headers, guardrail } = settings
  const model = { provider, service, baseUrl, headers, guardrail }
  const asked = { tenant, model, request: { ...request, messages: request.messages.map(withoutBytes) } }
  // Canonical JSON refuses lone surrogates. Vendors never see them either: UTF-8 has none.
  const json: unknown = JSON.parse(JSON.stringify(asked), (_, value) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  )
  return { tenant, hash: sha256(canonicalize(json) ?? '') }
}

function withoutBytes(message: LlmMessage): unknown {
  if (message.role !== 'user' || typeof message.content === 'string') return message
  const content = message.content.map((part) => (part.type === 'image' ? { ...part, data: sha256(part.data) } : part))
  return { ...message, content }
}
