import type { ChatRequest } from 'ollama/browser'
import type { LlmRequest } from './llm-provider.ts'
import { ollamaMessage } from './ollama-message.ts'

/** The body of `/api/chat`. Ollama has no tool choice: `none` leaves the tools out, `required` is treated as `auto`. */
export function ollamaRequest(request: LlmRequest): ChatRequest & { stream: true } {
  const tools = request.toolChoice === 'none' ? [] : (request.tools ?? [])
  const options = ollamaOptions(request)
  return {
    model: request.model,
    messages: request.messages.map(ollamaMessage),
    stream: true,
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: 'function',
        function: { name, description, parameters },
      })),
    }),
    ...(request.output && { format: request.output.schema }),
    ...(request.reasoningEffort && { think: request.reasoningEffort }),
    ...(Object.keys(options).length > 0 && { options }),
  }
}

function ollamaOptions(request: LlmRequest): NonNullable<ChatRequest['options']> {
  return {
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.maxTokens !== undefined && { num_predict: request.maxTokens }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.frequencyPenalty !== undefined && { frequency_penalty: request.frequencyPenalty }),
    ...(request.presencePenalty !== undefined && { presence_penalty: request.presencePenalty }),
    ...(request.stopSequences !== undefined && { stop: request.stopSequences }),
  }
}
