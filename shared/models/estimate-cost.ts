import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import type { ModelFacts } from '#shared/protocol/model.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { costMicroUsd } from './price.ts'

/** Tokens of an answer that nobody limited: longer ones are rare, and are counted in full when they are there. */
const USUAL_LONGEST_ANSWER = 4_096

/** What a call may cost, in millionths of a dollar: the question, and the longest answer that was asked for. Undefined without a price. */
export function estimateCost(request: LlmRequest, facts: ModelFacts): number | undefined {
  const outputTokens = request.maxTokens ?? Math.min(USUAL_LONGEST_ANSWER, facts.maxOutputTokens ?? USUAL_LONGEST_ANSWER)
  return costMicroUsd({ inputTokens: estimateTokens(request), outputTokens }, facts)
}
