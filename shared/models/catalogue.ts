import type { ModelEntry, ModelFacts } from '#shared/protocol/model.ts'
import { findFacts } from './find-facts.ts'
import type { TenantList } from './tenant-list.ts'

/** Which model: as its settings name it. */
export type ModelName = { provider: string; model: string }

/** What is known of models: built in, and said over it by each tenant. */
export type Catalogue = {
  /** A model that nobody knows has no facts: nothing of it is checked or counted. */
  find(tenant: string, model: ModelName): Promise<ModelFacts>
}

/** @param overrides - what tenants say; give it `cachedTenantList`, since it is asked for with every call */
export const modelCatalogue = (overrides: Pick<TenantList<ModelEntry>, 'list'>): Catalogue => ({
  find: async (tenant, model) => findFacts(await overrides.list(tenant), model),
})
