import type { LlmEvent, LlmRequest } from './llm-provider.ts'
import type { LlmProviders } from './llm-providers.ts'

/**
 * One call of a model, as a test wants it: it yields events, waits, throws.
 *
 * @param callNumber - counts all calls from 1
 * @param signal - the caller's; a script that waits must honour it, as every provider does
 */
export type LlmScript = (request: LlmRequest, callNumber: number, signal: AbortSignal) => AsyncIterable<LlmEvent>

/** Providers that play a script, for tests; `calls` keeps every request. */
export function memoryLlmProviders(script: LlmScript): LlmProviders & { calls: LlmRequest[] } {
  const calls: LlmRequest[] = []
  return {
    calls,
    async open() {
      return { stream: (request, signal) => script(request, calls.push(request), signal) }
    },
  }
}
