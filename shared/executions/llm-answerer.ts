import { requireTaskType } from '#shared/agents/require-task-type.ts'
import { buildMessages } from '#shared/llm/build-messages.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import type { Answerer } from './answerer.ts'
import { systemPrompt } from './system-prompt.ts'

const NOTHING: Usage = { inputTokens: 0, outputTokens: 0 }

/** Answers for agents that are data alone: one call of the agent's model, whose words go to the stream as they come. */
export function llmAnswerer(providers: LlmProviders): Answerer {
  return async ({ agent, record, writer, signal, addUsage }) => {
    if (agent.kind !== 'llm')
      throw new SluiceError('no_agent_available', `the agent "${agent.agentId}" is code: its own function answers`)
    requireTaskType(agent, record.type)
    const { model, temperature, maxTokens } = agent.llm
    const provider = await providers.open(agent.llm)
    const request = { model, temperature, maxTokens, messages: buildMessages({ system: systemPrompt(agent) }, record.input) }
    let stopReason = 'end'
    let used = NOTHING
    for await (const event of provider.stream(request, signal)) {
      signal.throwIfAborted()
      if (event.type === 'usage') {
        // Some providers count along: each of their numbers stands for the whole call.
        addUsage({ inputTokens: event.inputTokens - used.inputTokens, outputTokens: event.outputTokens - used.outputTokens })
        used = event
      }
      if (event.type === 'stop') stopReason = event.reason
      if (event.type === 'thinking') writer.write({ type: 'thinking', data: { text: event.text } })
      if (event.type === 'text') writer.write({ type: 'content_chunk', data: { text: event.text } })
    }
    signal.throwIfAborted()
    return { stopReason }
  }
}
