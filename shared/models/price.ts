import type { LlmUsage } from '#shared/llm/llm-provider.ts'
import type { ModelFacts } from '#shared/protocol/model.ts'

const MILLION = 1_000_000

/** What tokens cost, in millionths of a dollar, rounded up; undefined when the price is not known. Thinking counts as output. */
export function costMicroUsd(usage: LlmUsage, { price }: ModelFacts): number | undefined {
  if (!price) return undefined
  const { inputTokens, outputTokens, cachedInputTokens = 0 } = usage
  const cached = Math.min(cachedInputTokens, inputTokens)
  const cost = (inputTokens - cached) * price.input + cached * (price.cachedInput ?? price.input) + outputTokens * price.output
  return Math.ceil(cost / MILLION)
}
