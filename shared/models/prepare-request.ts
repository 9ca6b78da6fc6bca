import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { messageImages } from '#shared/llm/message-images.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { type Generation, generationSchema } from '#shared/protocol/llm.ts'
import type { ModelFacts, Vendor } from '#shared/protocol/model.ts'
import { estimateTokens } from './estimate-tokens.ts'
import { PARAMETER_RULES, type ParameterRule } from './parameter-rules.ts'
import { withoutEarlierImages } from './without-earlier-images.ts'

export type Prepared = {
  request: LlmRequest
  /** What was changed or left out; each becomes a `warning` event. */
  warnings: string[]
}

/** A parameter as it is sent, with a warning if that is not what was asked for. */
type Fitted = { value: Generation[keyof Generation]; warning?: string }

const PARAMETERS = generationSchema.keyof().options

/**
 * Fits a request to the provider and the model: parameters are brought into range, and left out where they are not supported.
 *
 * @throws ProviderError `validation_error` when the model is known not to do what is asked (images of the question, tools, an output schema), and
 *   `context_length_exceeded` when it is too long; neither is retryable
 */
export function prepareRequest(asked: LlmRequest, provider: Vendor, facts: ModelFacts): Prepared {
  const { request, taken } = facts.abilities?.images === false ? withoutEarlierImages(asked) : { request: asked, taken: 0 }
  requireAbilities(request, provider, facts)
  const fitted = PARAMETERS.flatMap((name) => {
    const value = request[name]
    return value === undefined ? [] : [{ name, ...fit(value, ruleOf(name, provider, facts)) }]
  })
  const prepared = { ...request, ...Object.fromEntries(fitted.map(({ name, value }) => [name, value])) }
  requireRoom(prepared, provider, facts)
  const warnings = fitted.flatMap(({ name, warning }) =>
    warning === undefined ? [] : [`${name}: ${warning} by "${request.model}" of ${provider}`],
  )
  if (taken > 0) warnings.push(`images: ${taken} of earlier turns left out, "${request.model}" of ${provider} looks at none`)
  return { request: prepared, warnings }
}

/** The provider's rule, overridden by what the catalogue says about the model. */
function ruleOf(name: keyof Generation, provider: Vendor, facts: ModelFacts): ParameterRule {
  const rule = PARAMETER_RULES[provider][name]
  if (facts.drops?.includes(name)) return 'drop'
  if (name === 'reasoningEffort' && facts.abilities?.reasoning === false) return 'drop'
  if (name === 'maxTokens' && facts.maxOutputTokens !== undefined) return { min: 1, max: facts.maxOutputTokens }
  if (name === 'stopSequences' && rule !== 'drop' && facts.maxStopSequences !== undefined)
    return facts.maxStopSequences === 0 ? 'drop' : { most: facts.maxStopSequences }
  return rule
}

function fit(value: NonNullable<Fitted['value']>, rule: ParameterRule): Fitted {
  if (rule === 'pass') return { value }
  if (rule === 'drop') return { value: undefined, warning: 'left out, it is not taken' }
  if (Array.isArray(value)) return 'most' in rule ? cut(value, rule.most) : { value }
  return typeof value === 'number' && 'min' in rule ? clamp(value, rule) : { value }
}

const cut = (value: string[], most: number): Fitted =>
  value.length <= most ? { value } : { value: value.slice(0, most), warning: `the first ${most} of ${value.length} are taken` }

function clamp(value: number, { min, max }: { min: number; max: number }): Fitted {
  const clamped = Math.min(Math.max(value, min), max)
  return clamped === value ? { value } : { value: clamped, warning: `${value} became ${clamped}, the nearest that is taken` }
}

function requireAbilities(
  { model, messages, tools, output }: LlmRequest,
  provider: Vendor,
  { abilities = {} }: ModelFacts,
): void {
  const hasImages = messages.some((message) => messageImages(message).length > 0)
  const lacking = [
    ...(hasImages && abilities.images === false ? ['look at images'] : []),
    ...(tools && tools.length > 0 && abilities.tools === false ? ['call tools'] : []),
    ...(output && abilities.output === false ? ['be told a schema of its output'] : []),
  ]
  if (lacking.length > 0)
    throw new ProviderError('validation_error', `"${model}" of ${provider} cannot ${lacking.join(' or ')}`, { provider })
}

function requireRoom(request: LlmRequest, provider: Vendor, { contextTokens }: ModelFacts): void {
  if (contextTokens === undefined) return
  const { model, maxTokens = 0 } = request
  const inputTokens = estimateTokens(request)
  if (inputTokens + maxTokens <= contextTokens) return
  throw new ProviderError(
    'context_length_exceeded',
    `"${model}" of ${provider} takes ${contextTokens} tokens; the question has about ${inputTokens}, and ${maxTokens} are kept for the answer`,
    { provider },
  )
}
