import { MAX_VIRTUAL_MODELS, type NamedVirtualModel, type VirtualModel } from '#shared/protocol/model.ts'
import { putWithin } from './put-within.ts'
import type { TenantList } from './tenant-list.ts'

/** Creates or replaces a virtual model. @throws ConflictError when the tenant has {@link MAX_VIRTUAL_MODELS} others */
export function putVirtualModel(
  { virtualModelRules }: { virtualModelRules: TenantList<NamedVirtualModel> },
  tenant: string,
  name: string,
  rule: VirtualModel,
): Promise<NamedVirtualModel> {
  const thing = { name, ...rule }
  return putWithin(virtualModelRules, tenant, {
    name,
    thing,
    nameOf: (known) => known.name,
    most: MAX_VIRTUAL_MODELS,
    kind: 'virtual models',
  })
}
