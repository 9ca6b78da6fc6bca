import type { LlmEvent, LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import type { ProviderKey } from '#shared/llm/provider-key.ts'
import { sleep } from '#shared/platform/clock.ts'
import { estimateTokens, USUAL_ANSWER_TOKENS } from './estimate-tokens.ts'
import type { KeyLease, KeyPool } from './key-pool.ts'

export type PooledKeysDependencies = {
  /** The provider, for errors. */
  provider: string
  service: string
  pool: KeyPool
  /** One vendor with one key. */
  open(key: ProviderKey): Promise<LlmProvider>
  /** Whether a call waits for keys with a short pause. False lets it fail, so that a fallback takes over. @default true */
  waits?: boolean | undefined
  /** Waits, unless the signal aborts. @default sleep */
  wait?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined
  /** @default Math.random */
  random?: (() => number) | undefined
}

/** Longest time that a call waits for keys, in seconds, all rounds together: about as long as another attempt would take. */
const LONGEST_WAIT = 15

const FORBIDDEN = 403

/** Events that begin an answer: from then on no other key can take over. */
const ANSWERS: ReadonlySet<LlmEvent['type']> = new Set(['text', 'thinking', 'tool_call', 'state', 'stop'])

/**
 * A vendor with all keys of a service. When a key is limited or refused, the call goes on with the next key at once, as long as nothing of the answer
 * has been sent; the execution's retries are not used up by that. When all keys are limited for a moment, the call waits for the first one, plus a
 * random time that grows with each round, so that waiting calls do not all return together. A key without access to this model is skipped for this
 * call only.
 */
export function pooledKeys(dependencies: PooledKeysDependencies): LlmProvider {
  const { provider, service, pool, open, waits = true, wait = sleep, random = Math.random } = dependencies
  return {
    async *stream(request, signal) {
      const [limited, tried] = [new Set<string>(), new Set<string>()]
      let patience = waits ? LONGEST_WAIT : 0
      let spread = 1
      for (let last: ProviderError | undefined; ; ) {
        const taken = await pool.take(service, { tried: new Set([...tried, ...limited]), tokens: () => expectedTokens(request) })
        if (taken.result === 'key') {
          const failure = yield* call(await openWith(taken), taken, request, signal)
          if (!failure) return
          const failed = failure.code === 'rate_limit' ? limited : tried
          failed.add(taken.key.fingerprint)
          last = failure
          continue
        }
        // A key that is limited now, although it was refused some minutes ago, is valid again.
        const isLimited = taken.result === 'limited' || limited.size > 0
        const retryAfterSeconds =
          isLimited && taken.result === 'refused' ? (last?.retryAfterSeconds ?? 1) : taken.retryAfterSeconds
        if (!isLimited || retryAfterSeconds > patience)
          throw noKeyError({ isLimited, retryAfterSeconds }, last, { provider, service })
        const seconds = retryAfterSeconds + random() * Math.min(patience, retryAfterSeconds * spread)
        patience -= seconds
        spread *= 2
        limited.clear()
        await wait(seconds * 1_000, signal)
      }
    },
  }

  async function openWith(lease: KeyLease): Promise<LlmProvider> {
    try {
      return await open(lease.key)
    } catch (error) {
      await lease.end()
      throw error
    }
  }
}

/** @returns the failure after which another key may be tried */
async function* call(
  adapter: LlmProvider,
  lease: KeyLease,
  request: LlmRequest,
  signal: AbortSignal,
): AsyncGenerator<LlmEvent, ProviderError | undefined> {
  /** Events before the answer are held back: the next key would send them again. */
  const held: LlmEvent[] = []
  let begun = false
  let tokens: number | undefined
  let failure: ProviderError | undefined
  try {
    for await (const event of adapter.stream(request, signal)) {
      if (event.type === 'usage') tokens = event.inputTokens + event.outputTokens
      begun ||= ANSWERS.has(event.type)
      held.push(event)
      if (begun) yield* held.splice(0)
    }
    yield* held
    return undefined
  } catch (error) {
    failure = ofTheKey(error)
    if (!failure || begun) throw error
    return failure
  } finally {
    await settle(lease, failure, tokens)
  }
}

/** The failure, if it is due to the key rather than to the call. */
const ofTheKey = (error: unknown): ProviderError | undefined =>
  error instanceof ProviderError && (error.code === 'rate_limit' || error.code === 'authentication_error') ? error : undefined

async function settle(lease: KeyLease, failure: ProviderError | undefined, tokens: number | undefined): Promise<void> {
  if (failure?.code === 'rate_limit') return lease.limited(failure.retryAfterSeconds)
  if (failure && failure.providerStatus !== FORBIDDEN) return lease.refused()
  return lease.end(tokens)
}

const expectedTokens = (request: LlmRequest): number =>
  estimateTokens(request) + Math.min(request.maxTokens ?? USUAL_ANSWER_TOKENS, USUAL_ANSWER_TOKENS)

/** The error when no key is left. It keeps what the vendor said last, and says when to try again. */
function noKeyError(
  { isLimited, retryAfterSeconds }: { isLimited: boolean; retryAfterSeconds: number },
  last: ProviderError | undefined,
  { provider, service }: { provider: string; service: string },
): ProviderError {
  // No key has access to this model.
  if (!isLimited && last?.providerStatus === FORBIDDEN) return last
  const details = {
    provider,
    providerStatus: last?.providerStatus,
    providerRequestId: last?.providerRequestId,
    providerCode: last?.providerCode,
    ...(last && { cause: last }),
  }
  if (!isLimited)
    return new ProviderError('authentication_error', `${provider} takes none of the keys of the service "${service}"`, {
      ...details,
      retryable: false,
    })
  return new ProviderError('rate_limit', `all keys of the service "${service}" are limited`, { ...details, retryAfterSeconds })
}
