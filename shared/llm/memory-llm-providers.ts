import type { LlmEvent, LlmRequest } from './llm-provider.ts'
import type { LlmCaller, LlmProviders } from './llm-providers.ts'

/**
 * One call of a model, as a test scripts it: it may yield events, wait, or throw.
 *
 * @param callNumber - counts all calls from 1
 * @param signal - the caller's; a script that waits must honour it, as every provider does
 */
export type LlmScript = (request: LlmRequest, callNumber: number, signal: AbortSignal) => AsyncIterable<LlmEvent>

/** Providers that play a script, for tests. `calls` records every request, `callers` on whose behalf models were opened. */
export function memoryLlmProviders(script: LlmScript): LlmProviders & { calls: LlmRequest[]; callers: LlmCaller[] } {
  const calls: LlmRequest[] = []
  const callers: LlmCaller[] = []
  return {
    calls,
    callers,
    async open(_settings, caller) {
      callers.push(caller)
      return { stream: (request, signal) => script(request, calls.push(request), signal) }
    },
  }
}
