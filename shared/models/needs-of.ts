import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { messageImages } from '#shared/llm/message-images.ts'
import { estimateTokens, USUAL_ANSWER_TOKENS } from './estimate-tokens.ts'
import type { VirtualRequest } from './virtual-models.ts'

/** What a request requires of a virtual model's candidates. */
export function needsOf(request: LlmRequest): VirtualRequest {
  const { messages, tools = [], output, maxTokens = USUAL_ANSWER_TOKENS } = request
  const inputTokens = estimateTokens(request)
  const hasImages = messages.some((message) => messageImages(message).length > 0)
  return {
    inputTokens,
    outputTokens: maxTokens,
    contextTokens: inputTokens + maxTokens,
    ...(hasImages && { images: true }),
    ...(tools.length > 0 && { tools: true }),
    ...(output && { output: true }),
  }
}
