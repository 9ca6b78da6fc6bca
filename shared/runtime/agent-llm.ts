import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { ConfigError } from '#shared/platform/errors.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import type { AgentLlm, AgentStream, LlmCall } from './agent-context.ts'

export type AgentLlmDependencies = {
  providers: LlmProviders
  /** Model of the agent; undefined when it has none. */
  settings: LlmSettings | undefined
  stream: AgentStream
  signal: AbortSignal
  addUsage(usage: Usage): void
}

/** The model of an agent, as its code sees it. */
export function agentLlm({ providers, settings, stream, signal, addUsage }: AgentLlmDependencies): AgentLlm {
  return {
    async *stream(call) {
      if (!settings) throw new ConfigError('the agent has no model: give defineAgent "llm"')
      const { model, temperature, maxTokens } = settings
      const either = call.signal ? AbortSignal.any([signal, call.signal]) : signal
      either.throwIfAborted()
      const provider = await providers.open(settings)
      let used: Usage = { inputTokens: 0, outputTokens: 0 }
      for await (const event of provider.stream({ model, temperature, maxTokens, messages: messagesOf(call) }, either)) {
        either.throwIfAborted()
        if (event.type === 'text') yield event.text
        if (event.type === 'thinking') await stream.thinking(event.text)
        if (event.type === 'usage') {
          // Some providers count along: each of their numbers stands for the whole call.
          addUsage({ inputTokens: event.inputTokens - used.inputTokens, outputTokens: event.outputTokens - used.outputTokens })
          used = event
        }
      }
      // A provider that ends its stream when it is aborted has not answered.
      either.throwIfAborted()
    },
  }
}

function messagesOf({ system, messages = [], prompt }: LlmCall) {
  return [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    ...messages,
    ...(prompt === undefined ? [] : [{ role: 'user' as const, content: prompt }]),
  ]
}
