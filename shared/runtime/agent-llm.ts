import type { LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import type { LlmCaller, LlmProviders } from '#shared/llm/llm-providers.ts'
import { mergeSettings } from '#shared/models/merge-settings.ts'
import { ConfigError, SluiceError } from '#shared/platform/errors.ts'
import type { LlmOverrides, LlmSettings } from '#shared/protocol/llm.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import { countedModel } from '#shared/reasoning/counted-model.ts'
import { requestOf } from '#shared/reasoning/request-of.ts'
import type { AgentLlm, AgentStream, LlmAnswer, LlmCall } from './agent-context.ts'

export type AgentLlmDependencies = {
  providers: LlmProviders
  /** Model of the agent; undefined when it has none. */
  settings: LlmSettings | undefined
  /** What the request says over it. */
  overrides: LlmOverrides | undefined
  caller: LlmCaller
  stream: AgentStream
  signal: AbortSignal
  addUsage(usage: Usage): void
}

/** The model of an agent, as its code sees it. */
export function agentLlm({ providers, settings, overrides, caller, stream, signal, addUsage }: AgentLlmDependencies): AgentLlm {
  async function open(call: LlmCall): Promise<{ model: LlmProvider; request: LlmRequest; either: AbortSignal }> {
    if (!settings) throw new ConfigError('the agent has no model: give defineAgent "llm"')
    const either = call.signal ? AbortSignal.any([signal, call.signal]) : signal
    either.throwIfAborted()
    const merged = mergeSettings(settings, overrides, call.settings)
    const model = countedModel(await providers.open(merged, caller), merged, addUsage)
    const { tools, toolChoice } = call
    const output = call.output && { name: call.output.name ?? 'answer', schema: call.output.schema }
    return { model, request: { ...requestOf(merged), messages: messagesOf(call), tools, toolChoice, output }, either }
  }

  /** Tells the answer as it comes; what the model thinks, and what was not done as it was asked, is shown. */
  async function* ask(call: LlmCall, answer: LlmAnswer): AsyncGenerator<string> {
    const { model, request, either } = await open(call)
    let ended = false
    for await (const event of model.stream(request, either)) {
      either.throwIfAborted()
      if (event.type === 'text') {
        answer.text += event.text
        yield event.text
      }
      if (event.type === 'thinking' || event.type === 'warning') await stream.thinking(event.text)
      if (event.type === 'tool_call') answer.toolCalls.push(event.call)
      if (event.type === 'state') answer.state = event.state
      if (event.type === 'stop') {
        ended = true
        answer.stopReason = event.reason
      }
    }
    // A provider that ends its stream when it is aborted has not answered.
    either.throwIfAborted()
    if (!ended) throw new SluiceError('network_error', 'the model was cut off in the middle of its answer')
  }

  return {
    stream: (call) => ask(call, emptyAnswer()),
    async complete(call) {
      const answer = emptyAnswer()
      for await (const _text of ask(call, answer));
      if (!call.output || answer.toolCalls.length > 0 || answer.stopReason === 'refusal') return answer
      const { outputRule } = await import('#shared/prompts/output-rule.ts')
      const checked = outputRule(call.output).check(answer.text)
      if (checked.ok) return { ...answer, object: checked.value }
      throw new SluiceError('invalid_output', `the model's answer does not fit: ${checked.mistake}`)
    },
  }
}

const emptyAnswer = (): LlmAnswer => ({ text: '', toolCalls: [], stopReason: 'end' })

function messagesOf({ system, messages = [], prompt, images = [] }: LlmCall): LlmRequest['messages'] {
  const content = images.length === 0 ? prompt : [{ type: 'text' as const, text: prompt ?? '' }, ...images]
  return [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    ...messages,
    ...(content === undefined ? [] : [{ role: 'user' as const, content }]),
  ]
}
