import type { ModelFacts } from '#shared/protocol/model.ts'

/** Share of a model's context that is counted on: estimates of tokens are off by a tenth. */
const SURE_SHARE = 0.9

/**
 * How many tokens a question may have, so that an answer of the longest length has room beside it, though never more than half of the context is kept for that.
 *
 * @param maxTokens - longest answer that is asked for, where somebody says one
 * @returns undefined when nobody knows how many the model takes
 */
export function questionRoom({ contextTokens, maxOutputTokens }: ModelFacts, maxTokens: number | undefined): number | undefined {
  if (contextTokens === undefined) return undefined
  const answer = Math.min(maxTokens ?? Number.POSITIVE_INFINITY, maxOutputTokens ?? Number.POSITIVE_INFINITY, contextTokens / 2)
  return Math.floor(contextTokens * SURE_SHARE - answer)
}
