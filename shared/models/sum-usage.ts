import type { Usage } from '#shared/protocol/stream-event.ts'

type Figures = Omit<Usage, 'models'>
type ModelUsage = NonNullable<Usage['models']>[number]

/** Adds the usage of two parts of an execution, in all and by model, in the order in which models were first asked. */
export function sumUsage(one: Usage | undefined, other: Usage): Usage {
  if (!one) return other
  const models = sumModels(one.models ?? [], other.models ?? [])
  return { ...sumFigures(one, other), ...(models.length > 0 && { models }) }
}

function sumModels(known: readonly ModelUsage[], added: readonly ModelUsage[]): ModelUsage[] {
  const byName = new Map<string, ModelUsage>()
  for (const usage of [...known, ...added]) {
    const { provider, model, calls } = usage
    const name = JSON.stringify([provider, model])
    const before = byName.get(name)
    byName.set(name, before ? { provider, model, calls: before.calls + calls, ...sumFigures(before, usage) } : usage)
  }
  return [...byName.values()]
}

/** A figure that neither part has stays absent; one that only one part has is taken from it. */
function sumFigures(one: Figures, other: Figures): Figures {
  const cachedInputTokens = sumKnown(one.cachedInputTokens, other.cachedInputTokens)
  const reasoningTokens = sumKnown(one.reasoningTokens, other.reasoningTokens)
  const costMicroUsd = sumKnown(one.costMicroUsd, other.costMicroUsd)
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(costMicroUsd !== undefined && { costMicroUsd }),
  }
}

const sumKnown = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined ? other : one + (other ?? 0)
