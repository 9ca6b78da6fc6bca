import type { ModelEntry, ModelFacts } from '#shared/protocol/model.ts'
import { ANTHROPIC_MODELS } from './catalogue-anthropic.ts'
import { BEDROCK_MODELS } from './catalogue-bedrock.ts'
import { GOOGLE_MODELS } from './catalogue-google.ts'
import { OLLAMA_MODELS } from './catalogue-ollama.ts'
import { OPENAI_MODELS } from './catalogue-openai.ts'

/** A model as settings name it. */
export type ModelName = { provider: string; model: string }

/** The built-in entries of all providers. */
export const BUILT_IN_MODELS: readonly ModelEntry[] = [
  ...OPENAI_MODELS,
  ...ANTHROPIC_MODELS,
  ...GOOGLE_MODELS,
  ...BEDROCK_MODELS,
  ...OLLAMA_MODELS,
]

/** The facts about a model: the best built-in entry, overridden field by field by the tenant's; abilities one by one. */
export function findFacts(overrides: readonly ModelEntry[], model: ModelName): ModelFacts {
  const known = bestEntry(BUILT_IN_MODELS, model)
  const said = bestEntry(overrides, model)
  if (!said) return known ? factsOf(known) : {}
  return factsOf(overEntry(known, said))
}

/** A tenant's entry on top of the built-in one. */
export function overEntry(known: ModelEntry | undefined, said: ModelEntry): ModelEntry {
  const abilities = { ...known?.abilities, ...said.abilities }
  return { ...known, ...said, ...(Object.keys(abilities).length > 0 && { abilities }) }
}

const factsOf = ({ provider, model, asOf, source, ...facts }: ModelEntry): ModelFacts => facts

/** The entry that fits best: an exact name before a pattern, a long pattern before a short one. */
function bestEntry(entries: readonly ModelEntry[], { provider, model }: ModelName): ModelEntry | undefined {
  const name = provider === 'bedrock' ? bedrockName(model) : model
  const fitting = entries.filter((entry) => entry.provider === provider && fits(entry.model, name))
  return fitting.toSorted((one, other) => weightOf(other.model) - weightOf(one.model))[0]
}

const isPattern = (pattern: string): boolean => pattern.endsWith('*')
const fits = (pattern: string, name: string): boolean =>
  isPattern(pattern) ? name.startsWith(pattern.slice(0, -1)) : name === pattern
const weightOf = (pattern: string): number => (isPattern(pattern) ? pattern.length : Number.POSITIVE_INFINITY)

/** A Bedrock model's name without the ARN and the region of an inference profile, such as `us.`. */
const bedrockName = (model: string): string =>
  model.slice(model.lastIndexOf('/') + 1).replace(/^(us|us-gov|eu|apac|jp|au|ca|global)\./, '')
