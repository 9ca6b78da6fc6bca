import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { MAX_MODEL_OVERRIDES, type ModelEntry, type ModelFacts, type Vendor } from '#shared/protocol/model.ts'
import type { ModelName } from './find-facts.ts'
import { putWithin } from './put-within.ts'
import type { TenantList } from './tenant-list.ts'

/** The source of a tenant's own entries. */
const TENANT_SOURCE = 'tenant'

/** The name of an entry in its list. */
export const entryName = ({ provider, model }: ModelName): string => `${provider}#${model}`

/**
 * Creates or replaces a tenant's own facts about a model, dated today.
 *
 * @throws ConflictError when the tenant has facts about {@link MAX_MODEL_OVERRIDES} others
 */
export function putModel(
  { modelOverrides, clock }: { modelOverrides: TenantList<ModelEntry>; clock: Clock },
  tenant: string,
  name: { provider: Vendor; model: string },
  facts: ModelFacts,
): Promise<ModelEntry> {
  const thing: ModelEntry = { ...name, ...facts, asOf: timestamp(clock).slice(0, 'yyyy-mm-dd'.length), source: TENANT_SOURCE }
  return putWithin(modelOverrides, tenant, {
    name: entryName(name),
    thing,
    nameOf: (known) => entryName(known),
    most: MAX_MODEL_OVERRIDES,
    kind: 'models with facts of your own',
  })
}
