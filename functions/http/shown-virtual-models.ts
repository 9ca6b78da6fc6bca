import { hasKey, type KeyKnowledge } from '#shared/executions/require-keys.ts'
import { allRules, isBuiltIn } from '#shared/models/built-in-rules.ts'
import { modelCatalogue } from '#shared/models/catalogue.ts'
import { standsIn } from '#shared/models/default-model.ts'
import { sharedLatencies } from '#shared/models/latencies.ts'
import { latencyReader } from '#shared/models/latency-reader.ts'
import type { ModelSettings } from '#shared/models/model-settings.ts'
import type { ProviderStates } from '#shared/models/provider-states.ts'
import { type VirtualModels, virtualModels } from '#shared/models/virtual-models.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import type { NamedVirtualModel, ShownVirtualModel } from '#shared/protocol/model.ts'

type Dependencies = Pick<ModelSettings, 'virtualModelRules' | 'modelOverrides'> &
  Pick<ProviderStates, 'latencies'> &
  KeyKnowledge & { clock: Clock; log: Log }

/** A tenant's rules and the built-in ones, and what these come to at the moment. */
export async function shownVirtualModels(dependencies: Dependencies, tenant: string): Promise<ShownVirtualModel[]> {
  const { virtualModelRules, modelOverrides, latencies, stageModel, clock, log } = dependencies
  const own = await virtualModelRules.list(tenant)
  const lost = (error: unknown) => log.warn('model_state_lost', { what: 'latencies', error })
  const resolved = virtualModels({
    rules: { list: async () => own },
    catalogue: modelCatalogue(modelOverrides),
    latency: latencyReader(sharedLatencies(latencies, clock, lost)),
    hasKey: hasKey(dependencies),
    hasDefault: standsIn(stageModel?.model),
  })
  const shown = async (rule: NamedVirtualModel): Promise<ShownVirtualModel> =>
    isBuiltIn(rule) ? { ...rule, builtIn: await stateOf(resolved, tenant, rule.name) } : rule
  return Promise.all(allRules(own).map(shown))
}

async function stateOf(resolved: VirtualModels, tenant: string, name: string): Promise<ShownVirtualModel['builtIn']> {
  try {
    const [now] = await resolved.candidates(tenant, name)
    return now ? { now } : {}
  } catch (error) {
    const { code, message } = toSluiceError(error)
    if (code !== 'validation_error') throw error
    return { reason: message }
  }
}
