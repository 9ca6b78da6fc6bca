import type { ModelEntry, ModelFacts } from '#shared/protocol/model.ts'

/** Which model: as its settings name it. */
export type ModelName = { provider: string; model: string }

/** What is known of models: built in, and said over it by each tenant. */
export type Catalogue = {
  /** Reads a tenant's overrides once a minute at the most. A model that nobody knows has no facts: nothing of it is checked or counted. */
  find(tenant: string, model: ModelName): Promise<ModelFacts>
  /** Built-in entries and the tenant's, in the order of provider and name; read anew. */
  list(tenant: string): Promise<ModelEntry[]>
}
