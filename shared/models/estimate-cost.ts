import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import type { ModelFacts } from '#shared/protocol/model.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { costMicroUsd } from './price.ts'

/** Assumed length of an answer without a limit, in tokens. Longer ones are rare, and are counted in full once they are there. */
const USUAL_LONGEST_ANSWER = 4_096

/** What a call may cost, in millionths of a dollar: the question plus the longest allowed answer. Undefined without a price. */
export function estimateCost(request: LlmRequest, facts: ModelFacts): number | undefined {
  const outputTokens = request.maxTokens ?? Math.min(USUAL_LONGEST_ANSWER, facts.maxOutputTokens ?? USUAL_LONGEST_ANSWER)
  return costMicroUsd({ inputTokens: estimateTokens(request), outputTokens }, facts)
}
