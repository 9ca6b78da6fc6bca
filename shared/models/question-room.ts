import type { ModelFacts } from '#shared/protocol/model.ts'

/** The share of a model's context that is used: estimates of tokens may be off by a tenth. */
const SURE_SHARE = 0.9

/**
 * How many tokens a question may have so that the longest answer still fits. At most half of the context is reserved for the answer.
 *
 * @param maxTokens - the requested limit of the answer, if any
 * @returns undefined when the size of the model's context is not known
 */
export function questionRoom({ contextTokens, maxOutputTokens }: ModelFacts, maxTokens: number | undefined): number | undefined {
  if (contextTokens === undefined) return undefined
  const answer = Math.min(maxTokens ?? Number.POSITIVE_INFINITY, maxOutputTokens ?? Number.POSITIVE_INFINITY, contextTokens / 2)
  return Math.floor(contextTokens * SURE_SHARE - answer)
}
