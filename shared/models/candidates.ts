import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { type Generation, generationSchema, type LlmSettings, type ModelChoice } from '#shared/protocol/llm.ts'
import { resolveDefault, type StageModel } from './default-model.ts'
import { mergeSettings } from './merge-settings.ts'
import type { VirtualModels, VirtualRequest } from './virtual-models.ts'

/** A model to ask: its settings without fallbacks, and how a request is adapted to it. */
export type CandidateSettings = { settings: LlmSettings; adapt(request: LlmRequest): LlmRequest }

export type CandidatesDependencies = { stageModel: StageModel | undefined; virtualModels: VirtualModels }

/**
 * The models to ask, in order: the one of the settings, then its fallbacks. A virtual model is replaced by its candidates. Each model appears once.
 *
 * @throws SluiceError `validation_error` when the stage has no default model, or a virtual one is unknown
 */
export async function candidatesOf(
  dependencies: CandidatesDependencies,
  tenant: string,
  { fallbacks = [], ...own }: LlmSettings,
  request?: VirtualRequest,
): Promise<CandidateSettings[]> {
  const asked = [{ settings: own, generation: {} }, ...fallbacks.map((fallback) => standIn(own, fallback))]
  const lists = await Promise.all(
    asked.map(async ({ settings, generation }) => {
      const resolved = await resolve(dependencies, tenant, settings, request)
      return resolved.map((each) => ({ settings: each.settings, adapt: adapterOf(each, generation) }))
    }),
  )
  const byName = Map.groupBy(lists.flat(), ({ settings: { provider, service, model } }) =>
    JSON.stringify([provider, service, model]),
  )
  return [...byName.values()].flatMap(([first]) => first ?? [])
}

/** A fallback's settings; with another provider or service, those that belong to the agent's are dropped. */
function standIn(own: LlmSettings, fallback: ModelChoice & Generation): { settings: LlmSettings; generation: Generation } {
  const { provider, model, service, ...generation } = fallback
  return { settings: chosen(own, { provider, model, service }), generation }
}

function chosen(settings: LlmSettings, { provider, model, service }: ModelChoice): LlmSettings {
  const merged = mergeSettings(settings, { provider, model })
  if (service === undefined || service === merged.service) return merged
  // Another service's secret says where its keys are for.
  const { baseUrl, headers, ...rest } = merged
  return { ...rest, service }
}

/** Settings that name a vendor. `isStage`: the model is the stage's own, whose limit of the answer applies. */
type Resolved = { settings: LlmSettings; isStage: boolean }

async function resolve(
  { stageModel, virtualModels }: CandidatesDependencies,
  tenant: string,
  settings: LlmSettings,
  request: VirtualRequest | undefined,
): Promise<Resolved[]> {
  const concrete = (asked: LlmSettings): Resolved => ({
    settings: resolveDefault(asked, stageModel),
    isStage: asked.provider === 'default',
  })
  const own = concrete(settings)
  if (own.settings.provider !== 'virtual') return [own]
  const choices = await virtualModels.candidates(tenant, own.settings.model, request)
  return choices.map((choice) => {
    const { settings: resolved, isStage } = concrete(chosen(own.settings, choice))
    return { settings: resolved, isStage: isStage || own.isStage }
  })
}

/** Puts the model's name, the fallback's parameters and the stage's limit of the answer into a request. */
const adapterOf =
  ({ settings: { model, maxTokens }, isStage }: Resolved, generation: Generation) =>
  (request: LlmRequest): LlmRequest => {
    const adapted = { ...request, ...said(generation), model }
    if (!isStage || maxTokens === undefined) return adapted
    return { ...adapted, maxTokens: Math.min(adapted.maxTokens ?? maxTokens, maxTokens) }
  }

const said = (generation: Generation): Generation => {
  const parsed = generationSchema.parse(generation)
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined))
}
