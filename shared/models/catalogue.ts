import type { ModelEntry, ModelFacts } from '#shared/protocol/model.ts'
import { findFacts, type ModelName } from './find-facts.ts'
import type { TenantList } from './tenant-list.ts'

/** Facts about models: built in, and overridden by each tenant. */
export type Catalogue = {
  /** The facts about a model; empty for an unknown one, of which nothing is checked and no cost counted. */
  find(tenant: string, model: ModelName): Promise<ModelFacts>
}

/** @param overrides - the tenants' own entries; read with every call: pass a `cachedTenantList` */
export const modelCatalogue = (overrides: Pick<TenantList<ModelEntry>, 'list'>): Catalogue => ({
  find: async (tenant, model) => findFacts(await overrides.list(tenant), model),
})
