import { estimateTokenCount } from 'tokenx'
import type { LlmMessage, LlmRequest } from '#shared/llm/llm-provider.ts'

/** Tokens of an image of about a million pixels. Sources: the vendors' pages on vision (765 to 1,600). */
const TOKENS_OF_AN_IMAGE = 1_200
/** Tokens that are expected of an answer whose length nobody limited. */
export const USUAL_ANSWER_TOKENS = 500
/** Tokens that separate the turns. Source: OpenAI's cookbook on counting tokens. */
const TOKENS_OF_A_TURN = 4

/** Estimates the tokens of a request: within a tenth for English prose, less exact for other texts. */
export function estimateTokens({ messages, tools = [], output }: Pick<LlmRequest, 'messages' | 'tools' | 'output'>): number {
  const turns = messages.reduce((sum, message) => sum + TOKENS_OF_A_TURN + tokensOf(message), 0)
  const schemas = [...tools, ...(output ? [output] : [])]
  return turns + schemas.reduce((sum, schema) => sum + estimateTokenCount(JSON.stringify(schema)), 0)
}

function tokensOf(message: LlmMessage): number {
  if (message.role === 'assistant') {
    const calls = message.toolCalls ?? []
    return calls.reduce(
      (sum, call) => sum + estimateTokenCount(call.toolName + call.arguments),
      estimateTokenCount(message.content),
    )
  }
  if (typeof message.content === 'string') return estimateTokenCount(message.content)
  return message.content.reduce(
    (sum, part) => sum + (part.type === 'text' ? estimateTokenCount(part.text) : TOKENS_OF_AN_IMAGE),
    0,
  )
}
