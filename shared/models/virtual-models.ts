import { ValidationError } from '#shared/platform/errors.ts'
import type { ModelChoice } from '#shared/protocol/llm.ts'
import type { ModelFacts, ModelNeeds, NamedVirtualModel } from '#shared/protocol/model.ts'
import { allRules, isBuiltIn } from './built-in-rules.ts'
import type { Catalogue } from './catalogue.ts'
import { DEFAULT_CHOICE } from './default-model.ts'
import { USUAL_ANSWER_TOKENS } from './estimate-tokens.ts'
import { costMicroUsd } from './price.ts'
import type { TenantList } from './tenant-list.ts'

/** How long a model took for its first token lately, in milliseconds; undefined when it was not asked. */
export type LatencyReader = (tenant: string, choice: ModelChoice) => Promise<number | undefined>

/** What a request needs of a candidate, and its estimated size. */
export type VirtualRequest = ModelNeeds & {
  /** Estimates for comparing prices. @default 1,000 in and 500 out */
  inputTokens?: number | undefined
  outputTokens?: number | undefined
}

/** Resolves virtual models: names that stand for a rule, which chooses among candidates. */
export type VirtualModels = {
  /**
   * The models to ask, the best first; the others are its fallbacks. Never empty.
   *
   * @throws ValidationError when the name is unknown (it lists the known ones), no candidate fits the request, or no candidate of a built-in rule has a key
   */
  candidates(tenant: string, name: string, request?: VirtualRequest): Promise<ModelChoice[]>
}

export type VirtualModelsDependencies = {
  /** Read with every call: pass a `cachedTenantList`. */
  rules: Pick<TenantList<NamedVirtualModel>, 'list'>
  catalogue: Catalogue
  latency: LatencyReader
  /** Whether a model has a key. Only asked for built-in rules, because the tenant did not choose their candidates. */
  hasKey(choice: ModelChoice): Promise<boolean>
  /** Whether the stage has a model of its own. */
  hasDefault: boolean
}

type Candidate = { choice: ModelChoice; facts: ModelFacts }

const USUAL_INPUT_TOKENS = 1_000

export function virtualModels(dependencies: VirtualModelsDependencies): VirtualModels {
  const { rules, catalogue, latency, hasKey, hasDefault } = dependencies

  async function usable(rule: NamedVirtualModel): Promise<ModelChoice[]> {
    if (!isBuiltIn(rule)) return rule.candidates
    const keyed = await Promise.all(rule.candidates.map(async (choice) => ((await hasKey(choice)) ? [choice] : [])))
    const found = keyed.flat()
    if (found.length > 0) return found
    if (hasDefault) return [DEFAULT_CHOICE]
    throw withoutKeys(rule)
  }

  /** Smaller is better. */
  async function rank(
    strategy: NamedVirtualModel['strategy'],
    tenant: string,
    { choice, facts }: Candidate,
    request: VirtualRequest,
  ): Promise<number> {
    if (strategy === 'order') return 0
    const { inputTokens = USUAL_INPUT_TOKENS, outputTokens = USUAL_ANSWER_TOKENS } = request
    const figure = strategy === 'cheapest' ? costMicroUsd({ inputTokens, outputTokens }, facts) : await latency(tenant, choice)
    return figure ?? Number.MAX_VALUE
  }

  return {
    async candidates(tenant, name, request = {}) {
      const rule = ruleNamed(name, await rules.list(tenant))
      const choices = await usable(rule)
      const all = await Promise.all(choices.map(async (choice) => ({ choice, facts: await catalogue.find(tenant, choice) })))
      const able = all.filter(({ facts }) => meets(facts, rule.needs) && meets(facts, request))
      if (able.length === 0) throw new ValidationError(`no candidate of the virtual model "${name}" has what the request needs`)
      const ranked = await Promise.all(
        able.map(async (candidate) => ({ ...candidate, rank: await rank(rule.strategy, tenant, candidate, request) })),
      )
      return ranked.toSorted((one, other) => one.rank - other.rank).map(({ choice }) => choice)
    },
  }
}

/** Whether a model may meet the needs: unknown facts count as fitting. */
function meets({ abilities = {}, contextTokens = Number.POSITIVE_INFINITY }: ModelFacts, needs: ModelNeeds = {}): boolean {
  const lacks = (['images', 'tools', 'output'] as const).some((ability) => needs[ability] && abilities[ability] === false)
  return !lacks && (needs.contextTokens ?? 0) <= contextTokens
}

/**
 * Finds a rule by name.
 *
 * @param own - the tenant's rules
 * @throws ValidationError that lists the known names and says how to create a rule
 */
export function ruleNamed(name: string, own: readonly NamedVirtualModel[]): NamedVirtualModel {
  const known = allRules(own)
  const rule = known.find((one) => one.name === name)
  if (rule) return rule
  throw new ValidationError(
    `the virtual model "${name}" does not exist; there are: ${known.map((one) => one.name).join(', ')}; ` +
      `PUT /v1/virtual-models/{name} makes one, and so does: npx sluice virtual-models set ${name}`,
  )
}

function withoutKeys({ name, candidates }: NamedVirtualModel): ValidationError {
  const models = candidates.map(({ provider, model }) => `${provider}/${model}`).join(', ')
  return new ValidationError(
    `the built-in virtual model "${name}" has no key for any of its models (${models}); give one of them a key: npx sluice keys set ${candidates[0]?.provider}`,
  )
}
